"""What is wrong with an interview right now. Flags follow from the clock, so they clear
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from interview.models import Interview, InterviewAssignment
from interview.models.states import WAITING, Side, Status
from interview.rules.pending_scorecards import has_no_assessor

MISSING_AFTER = timedelta(minutes=5)
FEEDBACK_OVERDUE_AFTER = timedelta(hours=1)
UNCONFIRMED_BEFORE = timedelta(hours=24)

FLAGS = (
    "late",
    "overrun",
    "interviewer_missing",
    "candidate_missing",
    "feedback_overdue",
    "unconfirmed",
    "declined",
    "clash",
    "excused",
)
"""All there are, in the contract's order."""


def flags_of(interview: Interview, *, now: datetime, has_clash: bool) -> list[str]:
    """The flags of an interview, in the contract's order; read with assignments and scorecards."""
    status, start = interview.status, interview.starts_at
    waiting = status in WAITING
    expected = status in {Status.SCHEDULED, Status.CONFIRMED}
    raised = {
        "late": waiting and now > start,
        "overrun": status == Status.IN_PROGRESS and now > interview.ends_at,
        "interviewer_missing": status == Status.ARRIVED and now > start + MISSING_AFTER,
        "candidate_missing": expected and now > start + MISSING_AFTER,
        "feedback_overdue": status == Status.FEEDBACK_DUE and _is_overdue(interview, now),
        "unconfirmed": status == Status.SCHEDULED and start - UNCONFIRMED_BEFORE < now <= start,
        "declined": waiting and _is_declined(interview.assignment_list()),
        "clash": waiting and has_clash,
        "excused": expected and interview.side == Side.CANDIDATE,
    }
    return [name for name in FLAGS if raised[name]]


def _is_overdue(interview: Interview, now: datetime) -> bool:
    """From an hour after the end; at once where there is nobody to wait for."""
    end = interview.finished_at or interview.ends_at
    return now > end + FEEDBACK_OVERDUE_AFTER or has_no_assessor(interview)


def _is_declined(assignments: Iterable[InterviewAssignment]) -> bool:
    return any(a.response == InterviewAssignment.Response.DECLINED for a in assignments)


def flag_change_times(interview: Interview) -> list[datetime]:
    """The moments at which the clock alone changes this interview's flags, whatever its status."""
    finished = interview.finished_at or interview.ends_at
    return [
        interview.starts_at - UNCONFIRMED_BEFORE,
        interview.starts_at,
        interview.starts_at + MISSING_AFTER,
        interview.ends_at,
        finished + FEEDBACK_OVERDUE_AFTER,
    ]
