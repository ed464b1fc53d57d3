"""Responses of interviewers: accept, decline, running late."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, Notification
from interview.notifications.planning import notify
from interview.rules.limits import MAX_LATE_MINUTES
from interview.services.interview_day import interviewer_ids, report_cleared
from interview.services.transitions import Actor, apply_transition, lock_interview, undo_state_of

Response = InterviewAssignment.Response
Event = Notification.Event


@transaction.atomic
def interview_accept(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Accept the assignment.

    An interviewer who had declined gets the calendar invitation again by e-mail.
    """
    had_declined = InterviewAssignment.objects.filter(
        interview=interview_id, interviewer=actor.user, response=Response.DECLINED
    ).exists()
    interview = _respond(interview_id, version, "accept", actor, response=Response.ACCEPTED)
    if had_declined:
        notify(Event.ASSIGNED, interview, [_interviewer(actor).pk], in_app=False)
    return interview


@transaction.atomic
def interview_decline(*, interview_id: int, version: int, reason: str, actor: Actor) -> Interview:
    """Decline the assignment; the board shows it until the interviewer is replaced.

    An e-mail removes the interview from the interviewer's calendar.
    """
    interview = _respond(
        interview_id, version, "decline", actor, response=Response.DECLINED, decline_reason=reason
    )
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
    interview = _respond(interview_id, version, "running-late", actor, late_minutes=minutes)
    colleagues = set(interviewer_ids(interview)) - {_interviewer(actor).pk}
    notify(Event.LATE, interview, colleagues)
    return interview


def _respond(
    interview_id: int, version: int, action: str, actor: Actor, **response: str | int
) -> Interview:
    interview = lock_interview(interview_id, version=version, action=action)
    before = undo_state_of(interview)
    assignment = interview.assignments.filter(interviewer=_interviewer(actor)).first()
    if assignment is None:
        raise ValidationError({"interviewer": _("You are not an interviewer of this interview.")})
    for name, value in response.items():
        setattr(assignment, name, value)
    assignment.full_clean()
    assignment.save()
    reason = str(response.get("decline_reason", ""))
    return apply_transition(
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
