"""What an interviewer answers: he comes, he cannot, he will be late."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, Notification
from interview.notifications.in_app import notify
from interview.services.interview_day import interviewer_ids
from interview.services.transitions import Actor, apply_transition, lock_interview, undo_state_of

LATE_LIMIT_MINUTES = 120
Response = InterviewAssignment.Response
Event = Notification.Event


@transaction.atomic
def interview_accept(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """This interviewer will be there, also after all."""
    had_declined = InterviewAssignment.objects.filter(
        interview=interview_id, interviewer=actor.user, response=Response.DECLINED
    ).exists()
    interview = _answer(interview_id, version, "accept", actor, response=Response.ACCEPTED)
    if had_declined:
        notify(Event.ASSIGNED, interview, [_person(actor).pk], in_app=False)
    return interview


@transaction.atomic
def interview_decline(*, interview_id: int, version: int, reason: str, actor: Actor) -> Interview:
    """This interviewer cannot; the board shows it until he is replaced.

    By e-mail, his calendar is told to forget it.
    """
    interview = _answer(
        interview_id, version, "decline", actor, response=Response.DECLINED, decline_reason=reason
    )
    notify(Event.UNASSIGNED, interview, [_person(actor).pk], in_app=False)
    return interview


@transaction.atomic
def interview_running_late(
    *, interview_id: int, version: int, minutes: int, actor: Actor
) -> Interview:
    """This interviewer comes some minutes after the start; his colleagues are told."""
    if not 0 <= minutes <= LATE_LIMIT_MINUTES:
        raise ValidationError({"minutes": _("Between 0 and 120 minutes.")})
    interview = _answer(interview_id, version, "running-late", actor, late_minutes=minutes)
    colleagues = set(interviewer_ids(interview)) - {_person(actor).pk}
    notify(Event.LATE, interview, colleagues)
    return interview


def _answer(
    interview_id: int, version: int, action: str, actor: Actor, **answer: str | int
) -> Interview:
    interview = lock_interview(interview_id, version=version, action=action)
    before = undo_state_of(interview)
    part = interview.assignments.filter(interviewer=_person(actor)).first()
    if part is None:
        raise ValidationError({"interviewer": _("You do not interview here.")})
    for name, value in answer.items():
        setattr(part, name, value)
    part.full_clean()
    part.save()
    reason = str(answer.get("decline_reason", ""))
    return apply_transition(interview, action=action, actor=actor, reason=reason, before=before)


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise ValidationError({"interviewer": _("Only an interviewer can answer.")})
    return actor.user
