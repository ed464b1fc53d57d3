"""Responses of interviewers: accept, decline, running late."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, Notification
from interview.notifications.planning import notify
from interview.rules.limits import MAX_LATE_MINUTES
from interview.services.conflict_checks import appointment_of, conflicts_of, names_in
from interview.services.interview_day import interviewer_ids, report_cleared
from interview.services.schedule_locks import lock_with_schedules
from interview.services.transitions import Actor, apply_transition, lock_interview, undo_state_of

Response = InterviewAssignment.Response
Event = Notification.Event


@transaction.atomic
def interview_accept(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Accept the assignment.

    An interviewer who had declined gets the calendar invitation again by e-mail. Raises
    ValidationError on `interviewer` if they have a conflict by now; only a coordinator decides on
    exceptions.
    """
    interview = lock_with_schedules(interview_id, version=version, action="accept")
    declined = interview.assignments.filter(interviewer=actor.user, response=Response.DECLINED)
    had_declined = declined.exists()
    if had_declined:
        _check_return(interview, _interviewer(actor))
    _respond(interview, "accept", actor, response=Response.ACCEPTED)
    if had_declined:
        notify(Event.ASSIGNED, interview, [_interviewer(actor).pk], in_app=False)
    return interview


@transaction.atomic
def interview_decline(*, interview_id: int, version: int, reason: str, actor: Actor) -> Interview:
    """Decline the assignment; the board shows it until the interviewer is replaced.

    An e-mail removes the interview from the interviewer's calendar.
    """
    interview = lock_interview(interview_id, version=version, action="decline")
    _respond(interview, "decline", actor, response=Response.DECLINED, decline_reason=reason)
    notify(Event.UNASSIGNED, interview, [_interviewer(actor).pk], in_app=False)
    return interview


@transaction.atomic
def interview_running_late(
    *, interview_id: int, version: int, minutes: int, actor: Actor
) -> Interview:
    """Announce a delay in minutes after the start, and notify the other interviewers.

    Raises ValidationError on `minutes` if they are not within 0 and MAX_LATE_MINUTES.
    """
    if not 0 <= minutes <= MAX_LATE_MINUTES:
        text = _("Enter 0 to %(limit)d minutes.") % {"limit": MAX_LATE_MINUTES}
        raise ValidationError({"minutes": text})
    interview = lock_interview(interview_id, version=version, action="running-late")
    _respond(interview, "running-late", actor, late_minutes=minutes)
    colleagues = set(interviewer_ids(interview)) - {_interviewer(actor).pk}
    notify(Event.LATE, interview, colleagues)
    return interview


def _check_return(interview: Interview, person: User) -> None:
    """Raise ValidationError on `interviewer` for conflicts of a person who had declined."""
    found = conflicts_of(interview, appointment_of(interview, interviewers=[person.pk]))
    own = [conflict for conflict in found if conflict.field == "interviewers"]
    if own:
        names = names_in(own)
        reasons = [conflict.message(names) for conflict in own]
        hint = gettext("Ask the coordinator to reschedule one of the interviews.")
        raise ValidationError({"interviewer": [*reasons, hint]})


def _respond(interview: Interview, action: str, actor: Actor, **response: str | int) -> None:
    """Store a response in a locked interview, and record its event."""
    before = undo_state_of(interview)
    assignment = interview.assignments.filter(interviewer=_interviewer(actor)).first()
    if assignment is None:
        raise ValidationError({"interviewer": _("You are not an interviewer of this interview.")})
    for name, value in response.items():
        setattr(assignment, name, value)
    assignment.full_clean()
    assignment.save()
    reason = str(response.get("decline_reason", ""))
    apply_transition(
        interview,
        action=action,
        actor=actor,
        reason=reason,
        before=before,
        changes=report_cleared(interview),
    )


def _interviewer(actor: Actor) -> User:
    if actor.user is None:
        raise ValidationError({"interviewer": _("Only an interviewer can respond.")})
    return actor.user
