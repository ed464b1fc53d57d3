"""Database models of interviews, rounds, scorecards, notices and bulk plans.

Models import neither rules nor services. Only `interview.services` and `interview.notifications`
write them.
"""

from interview.models.calendars import CalendarFeed
from interview.models.deliveries import Delivery, Robot
from interview.models.grants import GivenPermission
from interview.models.interview_records import (
    InterviewRecord,
    read_records,
    read_records_of,
)
from interview.models.interviews import (
    OCCUPIES_ROOM,
    AnyInterview,
    Interview,
    InterviewAssignment,
    InterviewEvent,
)
from interview.models.notifications import NoticeSettings, Notification
from interview.models.offers import OfferedTime
from interview.models.plans import BulkLine, BulkPlan
from interview.models.reminders import ReminderSettings
from interview.models.rounds import Criterion, Room, RoundTemplate
from interview.models.scorecards import Scorecard, ScorecardAmendment, ScorecardScore

__all__ = [
    "OCCUPIES_ROOM",
    "AnyInterview",
    "BulkLine",
    "BulkPlan",
    "CalendarFeed",
    "Criterion",
    "Delivery",
    "GivenPermission",
    "Interview",
    "InterviewAssignment",
    "InterviewEvent",
    "InterviewRecord",
    "NoticeSettings",
    "Notification",
    "OfferedTime",
    "ReminderSettings",
    "Robot",
    "Room",
    "RoundTemplate",
    "Scorecard",
    "ScorecardAmendment",
    "ScorecardScore",
    "read_records",
    "read_records_of",
]
