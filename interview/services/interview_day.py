"""Services of the interview day: confirm, check in, start, finish, no-show and cancel.

All services here raise StaleVersion, and ValidationError on `status` if the transition is not
allowed (see `transitions.lock_interview`).
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, Notification
from interview.models.states import Side, Status
from interview.notifications.planning import notify
from interview.notifications.reminders.settings import coordinators_of
from interview.notifications.requests import occasion_of
from interview.notifications.withdrawal import withdraw_pointless
from interview.rules.pending_scorecards import has_no_assessor, has_scorecard, missing_from
from interview.rules.planned_interviews import active_assignments
from interview.services.transitions import Actor, apply_transition, lock_interview

CLEARED_EXCUSE = {"side": "", "reason": ""}
"""Fields to reset when an excused candidate comes after all or gets another time, and when a
missing interviewer comes, answers or is replaced.
"""


@transaction.atomic
def interview_confirm(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Record that the candidate confirmed, possibly after having excused themselves."""
    interview = lock_interview(interview_id, version=version, action="confirm")
    return apply_transition(interview, action="confirm", actor=actor, changes=CLEARED_EXCUSE)


@transaction.atomic
def interview_excuse(*, interview_id: int, version: int, reason: str, actor: Actor) -> Interview:
    """Record that the candidate cannot come, and notify the coordinators.

    The interview returns to "scheduled" with a flag until a coordinator reschedules or cancels it.
    """
    interview = lock_interview(interview_id, version=version, action="excuse")
    changes = {"side": Side.CANDIDATE, "reason": reason}
    apply_transition(interview, action="excuse", actor=actor, reason=reason, changes=changes)
    people = coordinators_of([interview.campaign_id])[interview.campaign_id]
    notify(Notification.Event.EXCUSED, interview, people)
    return interview


@transaction.atomic
def interview_check_in(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Record that the candidate has arrived, and notify the interviewers."""
    interview = lock_interview(interview_id, version=version, action="check-in")
    changes = {"arrived_at": timezone.now(), **CLEARED_EXCUSE}
    apply_transition(interview, action="check-in", actor=actor, changes=changes)
    notify(Notification.Event.ARRIVED, interview, interviewer_ids(interview))
    return interview


@transaction.atomic
def interview_report_missing(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Record that a candidate waits and nobody is there to interview them.

    The flag "interviewer_missing" is raised at once, instead of after the configured minutes.
    """
    interview = lock_interview(interview_id, version=version, action="report-missing")
    changes = {"side": Side.INTERVIEWER}
    return apply_transition(interview, action="report-missing", actor=actor, changes=changes)


def report_cleared(interview: Interview) -> dict[str, str]:
    """Fields to reset if the interview's interviewer was reported missing; else none."""
    is_reported = interview.status == Status.ARRIVED and interview.side == Side.INTERVIEWER
    return CLEARED_EXCUSE if is_reported else {}


@transaction.atomic
def interview_start(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Start the interview. A candidate who was not checked in counts as arrived now."""
    interview = lock_interview(interview_id, version=version, action="start")
    now = timezone.now()
    changes = {"started_at": now, "arrived_at": interview.arrived_at or now, **CLEARED_EXCUSE}
    apply_transition(interview, action="start", actor=actor, changes=changes)
    withdraw_pointless(interview)
    return interview


@transaction.atomic
def interview_finish(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Finish the interview and ask for missing scorecards; complete it if none is missing."""
    interview = lock_interview(interview_id, version=version, action="finish")
    missing = missing_from(interview)
    is_done = has_scorecard(interview) and not missing
    changes = {
        "finished_at": timezone.now(),
        "status": Status.COMPLETED if is_done else Status.FEEDBACK_DUE,
    }
    apply_transition(interview, action="finish", actor=actor, changes=changes)
    notify(Notification.Event.FEEDBACK_DUE, interview, missing)
    notify_if_no_assessor(interview)
    return interview


def notify_if_no_assessor(interview: Interview) -> None:
    """Notify the coordinators if the interview has ended and no scorecard can be expected."""
    if interview.status != Status.FEEDBACK_DUE or not has_no_assessor(interview):
        return
    people = coordinators_of([interview.campaign_id])[interview.campaign_id]
    occasion = occasion_of("nobody_attended", timezone.now())
    notify(Notification.Event.FEEDBACK_DUE, interview, people, occasion=occasion)


@transaction.atomic
def interview_no_show(*, interview_id: int, version: int, side: str, actor: Actor) -> Interview:
    """Record that one side did not come. Only people decide this, never the clock.

    Raises ValidationError on `side` for "company", and for a candidate who has checked in.
    """
    interview = lock_interview(interview_id, version=version, action="no-show")
    if side not in {Side.CANDIDATE, Side.INTERVIEWER}:
        raise ValidationError(
            {"side": _("Choose who did not come: the candidate or the interviewer.")}
        )
    if side == Side.CANDIDATE and interview.status == Status.ARRIVED:
        raise ValidationError({"side": _("The candidate has already checked in.")})
    apply_transition(interview, action="no-show", actor=actor, changes={"side": side})
    withdraw_pointless(interview)
    return interview


@transaction.atomic
def interview_cancel(
    *, interview_id: int, version: int, reason: str, side: str, actor: Actor
) -> Interview:
    """Cancel the interview, and notify its interviewers and the candidate."""
    interview = lock_interview(interview_id, version=version, action="cancel")
    changes = {"reason": reason, "side": side}
    apply_transition(interview, action="cancel", actor=actor, reason=reason, changes=changes)
    notify(Notification.Event.CANCELLED, interview, interviewer_ids(interview), and_candidate=True)
    return interview


def interviewer_ids(interview: Interview) -> list[int]:
    """User ids of the interviewers who have not declined."""
    return [a.interviewer_id for a in active_assignments(interview)]
