"""The one door for writing plans: made, proposed again, adjusted line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from interview.bulk.loading import ask_of, rules_of, times_ahead, world_of
from interview.bulk.proposals import Left, Place, propose
from interview.models import BulkLine, BulkPlan, Room, RoundTemplate
from interview.rules.conflicts import BUFFER_MINUTES
from interview.services.scheduling import check_belongs, check_people
from interview.services.transitions import YEARS_PLANNED
from jobs.models import Application, Campaign

LINES_AT_MOST = 500
DAYS_AT_MOST = 31
MINUTES_EACH = range(5, 12 * 60 + 1)
MINUTES_BETWEEN = range(BUFFER_MINUTES, 4 * 60 + 1)
LIMITS = range(1, 21)
PLACE = ("starts_at", "ends_at", "room", "interviewers", "problem", "refusal")


class Frame(TypedDict):
    """In what the interviews are to find a place; see BulkPlan."""

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
    """What may be changed of a line. Another place locks it, unless it is said not to be."""

    starts_at: datetime
    room: Room
    interviewers: Sequence[User]
    is_locked: bool
    is_left_out: bool
    override_reason: str


class StalePlan(Exception):
    """Somebody changed this plan since it was read."""

    def __init__(self, plan: BulkPlan) -> None:
        super().__init__(self.__doc__)
        self.plan = plan


@transaction.atomic
def bulk_plan_create(
    *,
    campaign: Campaign,
    owner: User,
    applications: Sequence[Application],
    **frame: Unpack[Frame],
) -> BulkPlan:
    """A proposal for these applications, in their order. Raises ValidationError by field."""
    _check_applications(applications, campaign)
    _check_frame(frame, campaign)
    plan = BulkPlan.objects.create(
        campaign=campaign,
        owner=owner,
        **frame | {name: [one.pk for one in frame[name]] for name in ("rooms", "interviewers")},
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
    if len(applications) > LINES_AT_MOST:
        raise ValidationError(
            {"applications": _("At most %(number)d at once.") % {"number": LINES_AT_MOST}}
        )
    if len({one.pk for one in applications}) < len(applications):
        raise ValidationError({"applications": _("Each application only once.")})
    if any(one.job.campaign_id != campaign.pk for one in applications):
        raise ValidationError({"applications": _("All of them must be of one campaign.")})


def _check_frame(frame: Frame, campaign: Campaign) -> None:
    if not frame["rooms"]:
        raise ValidationError({"rooms": _("Choose at least one room.")})
    for room in frame["rooms"]:
        check_belongs(room, campaign.pk, field="rooms")
    check_people(list(frame["interviewers"]))
    _check_days(frame["days"])
    if frame["opens_at"] >= frame["closes_at"]:
        raise ValidationError({"closes_at": _("The end must be after the start.")})
    if not 1 <= frame["people_each"] <= len(frame["interviewers"]):
        raise ValidationError({"people_each": _("There are not so many interviewers chosen.")})
    numbers = {
        "slot_minutes": MINUTES_EACH,
        "buffer_minutes": MINUTES_BETWEEN,
        "daily_limit": LIMITS,
    }
    for name, allowed in numbers.items():
        if frame[name] not in allowed:  # type: ignore[literal-required]  # one of the frame's
            words = _("From %(least)d to %(most)d.")
            raise ValidationError({name: words % {"least": allowed[0], "most": allowed[-1]}})


def _check_days(days: Sequence[date]) -> None:
    if not days:
        raise ValidationError({"days": _("Choose at least one day.")})
    if len(days) > DAYS_AT_MOST:
        raise ValidationError({"days": _("At most %(number)d at once.") % {"number": DAYS_AT_MOST}})
    if any(day.year not in YEARS_PLANNED for day in days):
        raise ValidationError({"days": _("Interviews are not planned in that year.")})


@transaction.atomic
def bulk_plan_propose(*, plan_id: int, version: int) -> BulkPlan:
    """Propose anew around the lines that are locked, left out, or interviews already.

    Raises StalePlan, and ValidationError while a worker has the plan.
    """
    plan = lock_plan(plan_id, version=version)
    _propose(plan)
    return bumped(plan)


def _propose(plan: BulkPlan) -> None:
    lines = list(plan.lines.select_related("application"))
    free = {
        line.application_id: line
        for line in lines
        if not (line.is_locked and line.is_placed)
        and not line.is_left_out
        and not line.interview_id
    }
    kept = [line for line in lines if line.application_id not in free]
    times = times_ahead(plan)
    asks = [ask_of(line) for line in free.values()]
    proposal = propose(
        asks, times, world_of(plan, [*kept, *map(_emptied, free.values())], times), rules_of(plan)
    )
    for place in proposal.places:
        _take_place(free[place.ask.application], place)
    for left in proposal.left:
        free[left.ask.application].problem = _problem_of(left)
    BulkLine.objects.bulk_update(free.values(), [*PLACE, "is_locked", "override_reason"])


def _emptied(line: BulkLine) -> BulkLine:
    line.starts_at = line.ends_at = line.room = None
    line.interviewers, line.is_locked = [], False
    line.override_reason = line.problem = line.refusal = ""
    return line


def _take_place(line: BulkLine, place: Place) -> None:
    line.starts_at, line.ends_at = place.span.starts_at, place.span.ends_at
    line.room_id, line.interviewers = place.room, list(place.interviewers)


def _problem_of(left: Left) -> BulkLine.Problem:
    return BulkLine.Problem(left.why.value)


@transaction.atomic
def bulk_line_change(
    *, plan_id: int, version: int, line_id: int, **change: Unpack[LineChange]
) -> BulkLine:
    """Adjust one line. What speaks against it is shown, and only kept from becoming an interview.

    Raises BulkLine.DoesNotExist, StalePlan, and ValidationError by field.
    """
    plan = lock_plan(plan_id, version=version)
    line = plan.lines.select_related("application").get(pk=line_id)
    if line.interview_id is not None:
        raise ValidationError({"line": _("This is an interview already; move it on the board.")})
    _check_change(change, plan)
    _change_place(line, change, plan)
    line.is_left_out = change.get("is_left_out", line.is_left_out)
    line.override_reason = change.get("override_reason", line.override_reason).strip()
    if line.is_locked and not (line.is_placed or line.is_left_out):
        raise ValidationError({"is_locked": _("Only a line with a place can be locked.")})
    line.save()
    bumped(plan)
    return line


def _check_change(change: LineChange, plan: BulkPlan) -> None:
    if "room" in change:
        check_belongs(change["room"], plan.campaign_id)
    if "interviewers" in change:
        check_people(list(change["interviewers"]))
    if "starts_at" in change and change["starts_at"].year not in YEARS_PLANNED:
        raise ValidationError({"starts_at": _("Interviews are not planned in that year.")})


def _change_place(line: BulkLine, change: LineChange, plan: BulkPlan) -> None:
    if "starts_at" in change:
        line.starts_at = change["starts_at"]
        line.ends_at = line.starts_at + timedelta(minutes=plan.slot_minutes)
    if "room" in change:
        line.room = change["room"]
    if "interviewers" in change:
        line.interviewers = [person.pk for person in change["interviewers"]]
    has_moved = bool(change.keys() & {"starts_at", "room", "interviewers"})
    if has_moved:
        line.problem = line.refusal = ""
    line.is_locked = change.get("is_locked", (line.is_locked or has_moved) and line.is_placed)


def lock_plan(plan_id: int, *, version: int) -> BulkPlan:
    """The plan, held until the transaction ends, as the person saw it and in no worker's hands.

    Raises BulkPlan.DoesNotExist, StalePlan, or ValidationError on `state`.
    """
    held = BulkPlan.objects.select_for_update(of=("self",))
    plan = held.select_related("campaign", "round", "task").get(pk=plan_id)
    if plan.version != version:
        raise StalePlan(plan)
    if plan.is_busy:
        raise ValidationError({"state": _("A worker is busy with this plan.")})
    return plan


def bumped(plan: BulkPlan) -> BulkPlan:
    plan.version += 1
    plan.save()
    return plan
