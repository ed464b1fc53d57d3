"""Scheduling: create and reschedule interviews, reassign and suggest interviewers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from interview.models import (
    Interview,
    InterviewAssignment,
    Notification,
    Room,
    RoundTemplate,
)
from interview.models.states import Status
from interview.models.time_spans import Bookings, TimeSpan
from interview.notifications.planning import notify
from interview.rules.bookings import enclosing_days, interviewer_bookings
from interview.rules.conflicts import interviewer_conflicts
from interview.rules.limits import DAILY_LOAD_LIMIT
from interview.services.conflict_checks import (
    appointment_of,
    check_conflicts,
    conflicts_of,
    refuse,
)
from interview.services.interview_day import CLEARED_EXCUSE, interviewer_ids, report_cleared
from interview.services.schedule_locks import lock_schedules, lock_with_schedules
from interview.services.transitions import (
    Actor,
    apply_transition,
    check_schedule,
    confirmation_reset,
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
    no interviewer, or (unless `override_reason` is given) a conflict of the candidate, reported on
    `application`, or of an interviewer.
    """
    people = list({person.pk: person for person in interviewers}.values())
    _lock_new(application, room, people)
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


def _lock_new(application: Application, room: Room, people: list[User]) -> None:
    """Lock the schedules of a new interview.

    Raises ValidationError on `application` if it has been merged since it was read.
    """
    lock_schedules(
        rooms=[room.pk],
        interviewers=[person.pk for person in people],
        candidates=[application.candidate_id],
    )
    known = Application.objects.filter(pk=application.pk, candidate=application.candidate_id)
    if not known.exists():
        text = _("This application has just changed. Reload the page and try again.")
        raise ValidationError({"application": text})


def _check_new(interview: Interview, people: list[User], *, is_overridden: bool) -> None:
    check_room(interview.room, interview.campaign_id)
    check_interviewers(people)
    check_schedule(interview.starts_at, interview.ends_at)
    check_conflicts(
        interview,
        appointment_of(interview, interviewers=[person.pk for person in people]),
        is_confirmed=is_overridden,
        fields={"candidate": "application"},
    )


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
    override_reason: str | None = None,
    actor: Actor,
) -> Interview:
    """Change time or room. A new start resets the candidate's confirmation.

    override_reason: confirms the warnings; None: `reason` confirms them (see `is_confirmed`).
    Raises StaleVersion, and ValidationError by field like `interview_create`; conflicts of the
    candidate are reported on `candidate`.
    """
    interview = lock_with_schedules(interview_id, version=version, action="reschedule", room=room)
    if room is not None:
        check_room(room, interview.campaign_id)
    if (starts_at, ends_at) != (interview.starts_at, interview.ends_at):
        check_schedule(starts_at, ends_at)
    check_conflicts(
        interview,
        appointment_of(interview, starts_at=starts_at, ends_at=ends_at, room=room),
        instead_of=appointment_of(interview),
        is_confirmed=is_confirmed(reason, override_reason),
    )
    changes: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, **CLEARED_EXCUSE}
    if room is not None:
        changes["room_id"] = room.pk
    changes |= confirmation_reset(interview, starts_at)
    reasons = join_reasons(reason, override_reason)
    apply_transition(interview, action="reschedule", actor=actor, reason=reasons, changes=changes)
    notify(Event.MOVED, interview, interviewer_ids(interview), and_candidate=True)
    return interview


def is_confirmed(reason: str, override_reason: str | None) -> bool:
    """True if the coordinator has confirmed the warnings.

    Forms that show conflicts send `override_reason`, blank until the person has seen them. API
    clients that do not send it confirm with `reason`.
    """
    return bool((reason if override_reason is None else override_reason).strip())


def join_reasons(reason: str, override_reason: str | None) -> str:
    """The reason in the history: why the change was made, and why despite its conflicts."""
    given = [reason.strip(), (override_reason or "").strip()]
    return " · ".join(dict.fromkeys(filter(None, given)))


@transaction.atomic
def interview_reassign(
    *,
    interview_id: int,
    version: int,
    remove: Iterable[User] = (),
    add: Iterable[User] = (),
    reason: str = "",
    override_reason: str | None = None,
    actor: Actor,
) -> Interview:
    """Remove and add interviewers, and notify them.

    After the end of the interview people can only be added: those who actually held it, and whose
    scorecard is then expected. Raises ValidationError on `remove` for people with a scorecard or
    after the end, and on `add` for a conflict that is not confirmed (see `interview_reschedule`).
    """
    leaving, joining = {user.pk for user in remove}, {user.pk: user for user in add}
    interview = lock_with_schedules(
        interview_id, version=version, action="reassign", joining=joining.values()
    )
    before = undo_state_of(interview)
    assigned = {one.interviewer_id: one for one in interview.assignments.all()}
    _check_reassignment(interview, assigned, leaving, joining)
    _check_joining(interview, joining, is_confirmed=is_confirmed(reason, override_reason))
    added = joining.keys() - assigned.keys()
    for user_id in leaving:
        assigned[user_id].delete()
    for user_id in added:
        InterviewAssignment.objects.create(interview=interview, interviewer_id=user_id)
    interview = Interview.objects.get(pk=interview.pk)
    apply_transition(
        interview,
        action="reassign",
        actor=actor,
        reason=join_reasons(reason, override_reason),
        before=before,
        changes=report_cleared(interview),
    )
    _notify_reassigned(interview, leaving, added)
    return interview


def _notify_reassigned(interview: Interview, leaving: set[int], added: set[int]) -> None:
    """Notify those who left and those who joined; after the end, of the scorecard they owe."""
    has_ended = interview.status == Status.FEEDBACK_DUE
    notify(Event.UNASSIGNED, interview, leaving)
    notify(Event.FEEDBACK_DUE if has_ended else Event.ASSIGNED, interview, added)


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


def _check_joining(interview: Interview, joining: dict[int, User], *, is_confirmed: bool) -> None:
    """Check the interviewers who join; time and room stay, and so do the candidate's conflicts."""
    added = appointment_of(interview, interviewers=joining)
    found = conflicts_of(interview, added) if joining and not is_confirmed else []
    refuse([one for one in found if one.field == "interviewers"], {"interviewers": "add"})


def suggest_interviewers(
    interview: Interview, *, zone: ZoneInfo | None = None
) -> list[dict[str, Any]]:
    """Other interviewers, those free at that time first, least loaded first. Takes two queries.

    needs_reason: they have a conflict that only a reason permits. zone: the time zone that decides
    on the day of their load; default: the campaign's.
    """
    zone = zone or ZoneInfo(interview.campaign.time_zone)
    span = TimeSpan(interview.starts_at, interview.ends_at)
    people = User.objects.filter(is_active=True, groups__name="interviewer")
    others = people.exclude(interview_assignments__interview=interview.pk).order_by("pk")
    bookings = interviewer_bookings([one.pk for one in others], enclosing_days([span], zone), zone)
    suggestions = [_suggestion(person, span, bookings) for person in others]
    return sorted(
        suggestions, key=lambda one: (not one["is_free"], one["needs_reason"], one["load"])
    )


def _suggestion(person: User, span: TimeSpan, bookings: Bookings) -> dict[str, Any]:
    conflicts = list(interviewer_conflicts(person.pk, span, bookings))
    return {
        "id": person.pk,
        "name": display_name(person),
        "load": bookings.load(person.pk, bookings.day_of(span)),
        "load_limit": DAILY_LOAD_LIMIT,
        "is_free": not any(one.is_double_booking for one in conflicts),
        "needs_reason": bool(conflicts),
    }
