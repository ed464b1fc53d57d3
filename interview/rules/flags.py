"""Flags: problems of an interview that follow from its state and the clock.

Flags are computed for each row and never stored, so they disappear when the problem does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from interview.models import Interview, InterviewAssignment
from interview.models.states import NOT_ARRIVED, WAITING, Side, Status
from interview.rules.pending_scorecards import has_no_assessor

MISSING_AFTER = timedelta(minutes=5)
"""A candidate or interviewer is missing this long after the planned start."""
FEEDBACK_OVERDUE_AFTER = timedelta(hours=1)
"""A scorecard is overdue, and its first reminder is due, this long after the end."""
UNCONFIRMED_BEFORE = timedelta(hours=24)
"""A candidate should have confirmed this long before the start."""

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
"""All flags, in the order of the published contract."""


def flags_of(interview: Interview, *, now: datetime, has_clash: bool) -> list[str]:
    """The flags of an interview at `now`, in the order of FLAGS.

    has_clash: from `DelayForecast.clashing`. Takes no query for interviews of `for_rows()`.
    """
    status, start = interview.status, interview.starts_at
    waiting = status in WAITING
    not_arrived = status in NOT_ARRIVED
    raised = {
        "late": waiting and now > start,
        "overrun": status == Status.IN_PROGRESS and now > interview.ends_at,
        "interviewer_missing": status == Status.ARRIVED and now > start + MISSING_AFTER,
        "candidate_missing": not_arrived and now > start + MISSING_AFTER,
        "feedback_overdue": status == Status.FEEDBACK_DUE and _is_overdue(interview, now),
        "unconfirmed": status == Status.SCHEDULED and start - UNCONFIRMED_BEFORE < now <= start,
        "declined": waiting and _is_declined(interview.assignment_list()),
        "clash": waiting and has_clash,
        "excused": not_arrived and interview.side == Side.CANDIDATE,
    }
    return [name for name in FLAGS if raised[name]]


def _is_overdue(interview: Interview, now: datetime) -> bool:
    """True an hour after the end, or at once if no scorecard can be expected."""
    end = interview.finished_at or interview.ends_at
    return now > end + FEEDBACK_OVERDUE_AFTER or has_no_assessor(interview)


def _is_declined(assignments: Iterable[InterviewAssignment]) -> bool:
    return any(a.response == InterviewAssignment.Response.DECLINED for a in assignments)


def flag_change_times(interview: Interview) -> list[datetime]:
    """The times at which the clock changes this interview's flags, in any status.

    `live.time_sweep` records the rows whose times have passed.
    """
    finished = interview.finished_at or interview.ends_at
    return [
        interview.starts_at - UNCONFIRMED_BEFORE,
        interview.starts_at,
        interview.starts_at + MISSING_AFTER,
        interview.ends_at,
        finished + FEEDBACK_OVERDUE_AFTER,
    ]
