"""Whose scorecard an interview waits for."""

from __future__ import annotations

from interview.models import Interview, Scorecard
from interview.rules.delays import active_assignments

SETTLED = Scorecard.State.settled()


def missing_from(interview: Interview) -> list[int]:
    """User ids of those whose scorecard is not in, and who have not said that they were absent."""
    done = {card.interviewer_id for card in interview.scorecard_list() if card.state in SETTLED}
    return [
        part.interviewer_id
        for part in active_assignments(interview)
        if part.interviewer_id not in done
    ]


def has_scorecard(interview: Interview) -> bool:
    """Whether anybody has said what he found."""
    return any(card.state == Scorecard.State.SUBMITTED for card in interview.scorecard_list())


def has_no_assessor(interview: Interview) -> bool:
    """Whether there is no scorecard and nobody to write one: all declined, or were not there."""
    return not has_scorecard(interview) and not missing_from(interview)
