"""Flags: problems of an interview that follow from its state and the clock.

Flags are computed for each row and never stored, so they disappear when the problem does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from interview.models import AnyInterview, Interview, InterviewAssignment
from interview.models.interview_records import AssignmentRecord
from interview.models.states import WAITING, Side, Status
from interview.rules.delays import DelayForecast
from interview.rules.pending_scorecards import has_no_assessor

DECLINED = InterviewAssignment.Response.DECLINED
MISSING_AFTER = timedelta(minutes=5)
"""A candidate is missing this long after the planned start."""
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
FOLLOW_UP_FLAGS = (*FLAGS, "room_late")
"""Values of a follow-up: a flag, or the late room of a running interview."""


def late_grace() -> timedelta:
    """An interview is late this long after the planned start (LATE_GRACE_MINUTES)."""
    return timedelta(minutes=settings.LATE_GRACE_MINUTES)


def interviewer_missing_after() -> timedelta:
    """An interviewer is missing this long after they could be there, if nobody says so earlier.

    INTERVIEWER_MISSING_MINUTES after the planned start, after the delay that they announced, or
    after the end of the interview that held them or the room.
    """
    return timedelta(minutes=settings.INTERVIEWER_MISSING_MINUTES)


def current_flags(interview: AnyInterview, forecast: DelayForecast) -> list[str]:
    """The flags of an interview at the time of the forecast, in the order of FLAGS."""
    return flags_of(
        interview,
        now=forecast.now,
        has_clash=interview.pk in forecast.clashing,
        held_until=forecast.held_until.get(interview.pk),
    )


def flags_of(
    interview: AnyInterview, *, now: datetime, has_clash: bool, held_until: datetime | None = None
) -> list[str]:
    """The flags of an interview at `now`, in the order of FLAGS.

    has_clash, held_until: from `DelayForecast`. Takes no query for records, nor for
    interviews of `for_rows()`.
    """
    raised = {
        "overrun": interview.status == Status.IN_PROGRESS and now > interview.ends_at,
        "feedback_overdue": interview.status == Status.FEEDBACK_DUE and _is_overdue(interview, now),
    }
    if interview.status in WAITING:
        raised |= _of_waiting(interview, now, interview.starts_at, held_until)
        raised["clash"] = has_clash
    return [name for name in FLAGS if raised.get(name)]


def _of_waiting(
    interview: AnyInterview, now: datetime, start: datetime, held_until: datetime | None
) -> dict[str, bool]:
    """Flag → whether it is raised, for an interview that has not begun."""
    has_arrived = interview.status == Status.ARRIVED
    possible = max(start, held_until or start)
    return {
        "late": now > start + late_grace(),
        "interviewer_missing": has_arrived
        and (interview.side == Side.INTERVIEWER or now > possible + interviewer_missing_after()),
        "candidate_missing": not has_arrived and now > start + MISSING_AFTER,
        "unconfirmed": interview.status == Status.SCHEDULED
        and start - UNCONFIRMED_BEFORE < now <= start,
        "declined": _is_declined(interview.assignment_list()),
        "excused": not has_arrived and interview.side == Side.CANDIDATE,
    }


def _is_overdue(interview: AnyInterview, now: datetime) -> bool:
    """True an hour after the end, or at once if no scorecard can be expected."""
    end = interview.finished_at or interview.ends_at
    return now > end + FEEDBACK_OVERDUE_AFTER or has_no_assessor(interview)


def _is_declined(assignments: Iterable[InterviewAssignment | AssignmentRecord]) -> bool:
    return DECLINED in [a.response for a in assignments]


def flag_change_times(interview: Interview) -> list[datetime]:
    """The times at which the clock changes this interview's flags, in any status.

    `live.clock_sweep` records the rows whose times have passed. When people are held elsewhere,
    "interviewer_missing" comes later, which the sweep finds with the forecast.
    """
    finished = interview.finished_at or interview.ends_at
    moments = [
        interview.starts_at - UNCONFIRMED_BEFORE,
        interview.starts_at,
        interview.starts_at + late_grace(),
        interview.starts_at + MISSING_AFTER,
        interview.starts_at + interviewer_missing_after(),
        interview.ends_at,
        finished + FEEDBACK_OVERDUE_AFTER,
    ]
    return sorted(set(moments))
