"""The services that write bulk plans: create, propose again, change a line.

Called by pages and API. Each locks the plan and checks the version the caller has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from interview.bulk.loading import constraints_of, future_slots, load_resources, request_of
from interview.bulk.proposals import Placement, propose
from interview.models import BulkLine, BulkPlan, Room, RoundTemplate
from interview.rules.limits import (
    ALLOWED_YEARS,
    BUFFER_MINUTES,
    MAX_DURATION_MINUTES,
    MIN_DURATION_MINUTES,
    YEAR_BOUNDS,
)
from interview.services.scheduling import check_interviewers, check_room
from jobs.models import Application, Campaign

MAX_LINES = 500
MAX_DAYS = 31
SLOT_MINUTES_RANGE = range(MIN_DURATION_MINUTES, MAX_DURATION_MINUTES + 1)
BUFFER_MINUTES_RANGE = range(BUFFER_MINUTES, 4 * 60 + 1)
DAILY_LIMIT_RANGE = range(1, 21)
PLACEMENT_FIELDS = ("starts_at", "ends_at", "room", "interviewers", "problem", "refusal")


class PlanSettings(TypedDict):
    """The settings of a plan; see BulkPlan for their meaning."""

    round: RoundTemplate
    rooms: Sequence[Room]
    interviewers: Sequence[User]
    days: Sequence[date]
    opens_at: time
    closes_at: time
    slot_minutes: int
    buffer_minutes: int
    people_each: int
    daily_limit: int


class LineChange(TypedDict, total=False):
    """The changeable fields of a line. A new time, room or interviewer locks the line, unless
    `is_locked` is False.
    """

    starts_at: datetime
    room: Room
    interviewers: Sequence[User]
    is_locked: bool
    is_left_out: bool
    override_reason: str


class StalePlan(Exception):
    """Somebody else has changed this plan since it was read."""

    def __init__(self, plan: BulkPlan) -> None:
        super().__init__(self.__doc__)
        self.plan = plan


@transaction.atomic
def bulk_plan_create(
    *,
    campaign: Campaign,
    owner: User,
    applications: Sequence[Application],
    **settings: Unpack[PlanSettings],
) -> BulkPlan:
    """Creates a plan with a proposal. Earlier applications are placed first.

    Raises ValidationError by field.
    """
    _check_applications(applications, campaign)
    _check_settings(settings, campaign)
    plan = BulkPlan.objects.create(
        campaign=campaign,
        owner=owner,
        **settings
        | {name: [one.pk for one in settings[name]] for name in ("rooms", "interviewers")},
    )
    BulkLine.objects.bulk_create(
        [
            BulkLine(plan=plan, application=application, position=position)
            for position, application in enumerate(applications, 1)
        ]
    )
    _propose(plan)
    return plan


def _check_applications(applications: Sequence[Application], campaign: Campaign) -> None:
    if not applications:
        raise ValidationError({"applications": _("Choose at least one application.")})
    if len(applications) > MAX_LINES:
        raise ValidationError(
            {"applications": _("Choose at most %(limit)d.") % {"limit": MAX_LINES}}
        )
    if len({one.pk for one in applications}) < len(applications):
        raise ValidationError({"applications": _("Choose each application only once.")})
    if any(one.job.campaign_id != campaign.pk for one in applications):
        raise ValidationError({"applications": _("Choose applications of one campaign only.")})


def _check_settings(settings: PlanSettings, campaign: Campaign) -> None:
    if not settings["rooms"]:
        raise ValidationError({"rooms": _("Choose at least one room.")})
    for room in settings["rooms"]:
        check_room(room, campaign.pk, field="rooms")
    check_interviewers(list(settings["interviewers"]))
    _check_days(settings["days"])
    if settings["opens_at"] >= settings["closes_at"]:
        raise ValidationError({"closes_at": _("The end must be after the start.")})
    if not 1 <= settings["people_each"] <= len(settings["interviewers"]):
        raise ValidationError({"people_each": _("You have chosen fewer interviewers than that.")})
    numbers = {
        "slot_minutes": SLOT_MINUTES_RANGE,
        "buffer_minutes": BUFFER_MINUTES_RANGE,
        "daily_limit": DAILY_LIMIT_RANGE,
    }
    for name, allowed in numbers.items():
        if settings[name] not in allowed:  # type: ignore[literal-required]  # a key of PlanSettings
            text = _("Enter a number from %(least)d to %(most)d.")
            raise ValidationError({name: text % {"least": allowed[0], "most": allowed[-1]}})


def _check_days(days: Sequence[date]) -> None:
    if not days:
        raise ValidationError({"days": _("Choose at least one day.")})
    if len(days) > MAX_DAYS:
        raise ValidationError({"days": _("Choose at most %(limit)d days.") % {"limit": MAX_DAYS}})
    if any(day.year not in ALLOWED_YEARS for day in days):
        raise ValidationError({"days": _("Enter a year from %(first)d to %(last)d.") % YEAR_BOUNDS})


@transaction.atomic
def bulk_plan_propose(*, plan_id: int, version: int) -> BulkPlan:
    """Replaces the proposal, except for lines that are locked, left out or already scheduled.

    Raises StalePlan; raises ValidationError while a task of the plan is running.
    """
    plan = lock_plan(plan_id, version=version)
    _propose(plan)
    return save_new_version(plan)


def _propose(plan: BulkPlan) -> None:
    lines = list(plan.lines.select_related("application", "room"))
    free = {
        line.application_id: line
        for line in lines
        if not (line.is_locked and line.is_placed)
        and not line.is_left_out
        and not line.interview_id
    }
    slots = future_slots(plan)
    requests = [request_of(line) for line in free.values()]
    for line in free.values():
        _clear_placement(line)
    resources = load_resources(plan, lines, slots)
    proposal = propose(requests, slots, resources, constraints_of(plan))
    for placement in proposal.placements:
        _place(free[placement.request.application], placement)
    for unplaced in proposal.unplaced:
        free[unplaced.request.application].problem = BulkLine.Problem(unplaced.reason.value)
    BulkLine.objects.bulk_update(free.values(), [*PLACEMENT_FIELDS, "is_locked", "override_reason"])


def _clear_placement(line: BulkLine) -> None:
    line.starts_at = line.ends_at = line.room = None
    line.interviewers, line.is_locked = [], False
    line.override_reason = line.problem = line.refusal = ""


def _place(line: BulkLine, placement: Placement) -> None:
    line.starts_at, line.ends_at = placement.span.starts_at, placement.span.ends_at
    line.room_id, line.interviewers = placement.room, list(placement.interviewers)


@transaction.atomic
def bulk_line_change(
    *, plan_id: int, version: int, line_id: int, **change: Unpack[LineChange]
) -> BulkLine:
    """Changes one line. Conflicting values are accepted: conflicts are shown with the line and
    refused when it is scheduled.

    Raises BulkLine.DoesNotExist, StalePlan, and ValidationError by field.
    """
    plan = lock_plan(plan_id, version=version)
    line = plan.lines.select_related("application").get(pk=line_id)
    if line.interview_id is not None:
        text = _("This interview is already scheduled. Reschedule it on the board.")
        raise ValidationError({"line": text})
    _check_change(change, plan)
    _change_placement(line, change, plan)
    line.is_left_out = change.get("is_left_out", line.is_left_out)
    line.override_reason = change.get("override_reason", line.override_reason).strip()
    if line.is_locked and not (line.is_placed or line.is_left_out):
        raise ValidationError(
            {"is_locked": _("Choose a time, a room and interviewers before you lock this.")}
        )
    line.save()
    save_new_version(plan)
    return line


def _check_change(change: LineChange, plan: BulkPlan) -> None:
    if "room" in change:
        check_room(change["room"], plan.campaign_id)
    if "interviewers" in change:
        check_interviewers(list(change["interviewers"]))
    if "starts_at" in change and change["starts_at"].year not in ALLOWED_YEARS:
        raise ValidationError(
            {"starts_at": _("Enter a year from %(first)d to %(last)d.") % YEAR_BOUNDS}
        )


def _change_placement(line: BulkLine, change: LineChange, plan: BulkPlan) -> None:
    if "starts_at" in change:
        line.starts_at = change["starts_at"]
        line.ends_at = line.starts_at + timedelta(minutes=plan.slot_minutes)
    if "room" in change:
        line.room = change["room"]
    if "interviewers" in change:
        line.interviewers = [person.pk for person in change["interviewers"]]
    is_placed_anew = bool(change.keys() & {"starts_at", "room", "interviewers"})
    if is_placed_anew:
        line.problem = line.refusal = ""
    line.is_locked = change.get("is_locked", (line.is_locked or is_placed_anew) and line.is_placed)


def lock_plan(plan_id: int, *, version: int) -> BulkPlan:
    """Locks the plan row until the transaction ends and returns the plan.

    version: the version the caller has seen. Raises BulkPlan.DoesNotExist, StalePlan if the version
    differs, and ValidationError on `state` while a task of the plan is running.
    """
    locked = BulkPlan.objects.select_for_update(of=("self",))
    plan = locked.select_related("campaign", "round", "task").get(pk=plan_id)
    if plan.version != version:
        raise StalePlan(plan)
    if plan.is_busy:
        raise ValidationError(
            {"state": _("A worker is processing this plan. Wait until it has finished.")}
        )
    return plan


def save_new_version(plan: BulkPlan) -> BulkPlan:
    plan.version += 1
    plan.save()
    return plan
