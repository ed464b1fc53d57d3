"""Interviews and what hangs on them. Only `interview.services` write these."""

from interview.models.deliveries import Delivery, Robot
from interview.models.interviews import (
    HOLDS_ITS_ROOM,
    Interview,
    InterviewAssignment,
    InterviewEvent,
)
from interview.models.notifications import NoticeSettings, Notification
from interview.models.rounds import Criterion, Room, RoundTemplate
from interview.models.scorecards import Scorecard, ScorecardScore

__all__ = [
    "HOLDS_ITS_ROOM",
    "Criterion",
    "Delivery",
    "Interview",
    "InterviewAssignment",
    "InterviewEvent",
    "NoticeSettings",
    "Notification",
    "Robot",
    "Room",
    "RoundTemplate",
    "Scorecard",
    "ScorecardScore",
]
