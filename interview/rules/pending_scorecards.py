"""Scorecards that an interview still waits for.

Services, reminders, flags and live rows call it.
"""

from __future__ import annotations

from interview.models import AnyInterview, Scorecard
from interview.models.scorecards import scorecards_of
from interview.rules.planned_interviews import active_assignments

SETTLED = Scorecard.State.settled()


def missing_from(interview: AnyInterview) -> list[int]:
    """User ids of the interviewers whose scorecard is still expected.

    Excludes those who declined or reported that they did not attend.
    """
    settled = {card.interviewer_id for card in scorecards_of(interview) if card.state in SETTLED}
    people = [assignment.interviewer_id for assignment in active_assignments(interview)]
    return [user_id for user_id in people if user_id not in settled]


def has_scorecard(interview: AnyInterview) -> bool:
    """True if at least one scorecard has been submitted."""
    submitted = Scorecard.State.SUBMITTED
    return any(card.state == submitted for card in scorecards_of(interview))


def has_no_assessor(interview: AnyInterview) -> bool:
    """True if no scorecard was submitted and none is expected: all declined or did not attend."""
    return not has_scorecard(interview) and not missing_from(interview)
