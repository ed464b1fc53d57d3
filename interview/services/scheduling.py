"""Scheduling: create and reschedule interviews, reassign and suggest interviewers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, Notification, Room, RoundTemplate
from interview.models.states import ACTIVE, Status
from interview.models.time_spans import TimeSpan
from interview.notifications.planning import notify
from interview.rules.bookings import enclosing_days, interviewer_bookings
from interview.rules.conflicts import find_conflict
from interview.rules.delays import DECLINED
from interview.rules.limits import DAILY_LOAD_LIMIT
from interview.services.interview_day import CLEARED_EXCUSE, interviewer_ids
from interview.services.transitions import (
    Actor,
    apply_transition,
    check_schedule,
    lock_interview,
    record_event,
    save_interview,
    undo_state_of,
)
from jobs.applications.services import application_move
from jobs.models import Application
from realtime.display_names import display_name

Event = Notification.Event


@transaction.atomic
def interview_create(
    *,
    application: Application,
    round: RoundTemplate,
    room: Room,
    starts_at: datetime,
    ends_at: datetime,
    interviewers: Iterable[User],
    actor: Actor,
    override_reason: str = "",
) -> Interview:
    """Schedule an interview, and notify its interviewers and the candidate.

    Raises ValidationError by field: a room of another campaign or taken, times that are not valid,
    no interviewer, or (unless `override_reason` is given) a conflict of an interviewer.
    """
    people = list({person.pk: person for person in interviewers}.values())
    interview = Interview(
        campaign=application.job.campaign,
        application=application,
        round=round,
        room=room,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _check_new(interview, people, is_overridden=bool(override_reason))
    save_interview(interview)
    InterviewAssignment.objects.bulk_create(
        [InterviewAssignment(interview=interview, interviewer=person) for person in people]
    )
    record_event(interview, action="create", actor=actor, reason=override_reason)
    _advance_stage(application, actor)
    notify(Event.ASSIGNED, interview, [person.pk for person in people], and_candidate=True)
    return interview


def _check_new(interview: Interview, people: list[User], *, is_overridden: bool) -> None:
    check_room(interview.room, interview.campaign_id)
    check_interviewers(people)
    check_schedule(interview.starts_at, interview.ends_at)
    if not is_overridden:
        check_interviewers_are_free(interview, people)


def _advance_stage(application: Application, actor: Actor) -> None:
    """The first interview moves its application to the stage "interviewing"."""
    application = Application.objects.select_for_update().get(pk=application.pk)
    stages = Application.Stage
    if application.stage in {stages.APPLIED, stages.SCREENING}:
        application_move(
            application=application,
            to=stages.INTERVIEWING,
            version=application.version,
            by=actor.user,
            reason="",
        )


@transaction.atomic
def interview_reschedule(
    *,
    interview_id: int,
    version: int,
    starts_at: datetime,
    ends_at: datetime,
    room: Room | None = None,
    reason: str = "",
    actor: Actor,
) -> Interview:
    """Change time or room. A new start resets the candidate's confirmation.

    Raises StaleVersion, and ValidationError by field like `interview_create`, without conflicts.
    """
    interview = lock_interview(interview_id, version=version, action="reschedule")
    if room is not None:
        check_room(room, interview.campaign_id)
    if (starts_at, ends_at) != (interview.starts_at, interview.ends_at):
        check_schedule(starts_at, ends_at)
    changes: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, **CLEARED_EXCUSE}
    if room is not None:
        changes["room_id"] = room.pk
    if starts_at != interview.starts_at and interview.status == Status.CONFIRMED:
        changes["status"] = Status.SCHEDULED
    apply_transition(interview, action="reschedule", actor=actor, reason=reason, changes=changes)
    notify(Event.MOVED, interview, interviewer_ids(interview), and_candidate=True)
    return interview


@transaction.atomic
def interview_reassign(
    *,
    interview_id: int,
    version: int,
    remove: Iterable[User] = (),
    add: Iterable[User] = (),
    reason: str = "",
    actor: Actor,
) -> Interview:
    """Remove and add interviewers, and notify them.

    After the end of the interview people can only be added: those who actually held it, and whose
    scorecard is then expected. Raises ValidationError on `remove` for people with a scorecard or
    after the end, and on `add` for a conflict without a reason.
    """
    interview = lock_interview(interview_id, version=version, action="reassign")
    before = undo_state_of(interview)
    leaving, joining = {user.pk for user in remove}, {user.pk: user for user in add}
    assigned = {one.interviewer_id: one for one in interview.assignments.all()}
    _check_reassignment(interview, assigned, leaving, joining)
    if not reason:
        check_interviewers_are_free(interview, list(joining.values()), field="add")
    for user_id in leaving:
        assigned[user_id].delete()
    for user_id in joining.keys() - assigned.keys():
        InterviewAssignment.objects.create(interview=interview, interviewer_id=user_id)
    interview = Interview.objects.get(pk=interview.pk)
    apply_transition(interview, action="reassign", actor=actor, reason=reason, before=before)
    notify(Event.UNASSIGNED, interview, leaving)
    has_ended = interview.status == Status.FEEDBACK_DUE
    event = Event.FEEDBACK_DUE if has_ended else Event.ASSIGNED
    notify(event, interview, joining.keys() - assigned.keys())
    return interview


def _check_reassignment(
    interview: Interview,
    assigned: dict[int, InterviewAssignment],
    leaving: set[int],
    joining: dict[int, User],
) -> None:
    if not leaving and not joining:
        raise ValidationError({"add": _("Choose interviewers to add or remove.")})
    if leaving and interview.status == Status.FEEDBACK_DUE:
        text = _("After the end, interviewers report themselves that they did not attend.")
        raise ValidationError({"remove": text})
    if leaving - assigned.keys():
        raise ValidationError({"remove": _("This person is not an interviewer of this interview.")})
    if interview.scorecards.filter(interviewer__in=leaving).exists():
        raise ValidationError({"remove": _("This person has already started a scorecard.")})
    check_interviewers(list(joining.values()), field="add", may_be_none=True)
    if not (assigned.keys() - leaving) | (joining.keys() - assigned.keys()):
        raise ValidationError({"remove": _("Choose at least one interviewer.")})


def check_room(room: Room, campaign_id: int, *, field: str = "room") -> None:
    if room.campaign_id != campaign_id:
        raise ValidationError({field: _("This room belongs to another campaign.")})
    if not room.is_active:
        raise ValidationError({field: _("This room is not in use.")})


def check_interviewers(
    people: list[User], *, field: str = "interviewers", may_be_none: bool = False
) -> None:
    """Raise ValidationError on `field` unless all are active members of the group "interviewer"."""
    if not people and not may_be_none:
        raise ValidationError({field: _("Choose at least one interviewer.")})
    known = User.objects.filter(
        pk__in=[person.pk for person in people], is_active=True, groups__name="interviewer"
    ).count()
    if known != len(people):
        raise ValidationError({field: _("Choose interviewers only.")})


def check_interviewers_are_free(
    interview: Interview, people: list[User], *, field: str = "interviewers"
) -> None:
    """Raise ValidationError on `field` with all conflicts of these people. Takes one query.

    Callers skip this check if the coordinator gave a reason.
    """
    zone = ZoneInfo(interview.campaign.time_zone)
    span = TimeSpan(interview.starts_at, interview.ends_at)
    ids = [person.pk for person in people]
    bookings = interviewer_bookings(ids, enclosing_days([span], zone), zone, exclude=[interview.pk])
    found = [(person, find_conflict(person.pk, span, bookings)) for person in people]
    warnings = [conflict.message(display_name(person)) for person, conflict in found if conflict]
    if warnings:
        raise ValidationError({field: warnings})


def suggest_interviewers(interview: Interview) -> list[dict[str, Any]]:
    """Other interviewers, those free at that time first, least loaded first. Takes two queries."""
    day = Q(
        interview_assignments__interview__starts_at__date=interview.starts_at.date(),
        interview_assignments__interview__status__in=ACTIVE,
    )
    overlapping = InterviewAssignment.objects.filter(
        interviewer=OuterRef("pk"),
        interview__in=Interview.objects.overlapping(interview.starts_at, interview.ends_at),
        interview__status__in=ACTIVE,
    ).exclude(response=DECLINED)
    people = (
        User.objects.filter(is_active=True, groups__name="interviewer")
        .exclude(interview_assignments__interview=interview.pk)
        .annotate(load=Count("interview_assignments", filter=day), is_busy=Exists(overlapping))
        .order_by("is_busy", "load", "pk")
    )
    return [
        {
            "id": person.pk,
            "name": display_name(person),
            "load": person.load,
            "load_limit": DAILY_LOAD_LIMIT,
            "is_free": not person.is_busy,
        }
        for person in people
    ]
