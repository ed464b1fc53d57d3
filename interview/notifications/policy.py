"""Delivery policy of each event: subject for preferences, priority, and validity.

Which channels send an event by default is each channel's own rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from interview.models import Delivery, Interview, NoticeSettings

Event = Delivery.Event
Priority = Delivery.Priority
Subject = NoticeSettings.Subject


class ValidUntil(Enum):
    """Moment of the interview after which a message is useless."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How messages of one event are treated.

    subject      the preference by which people choose the event, such as "reminders"
    valid_until  a moment of the interview, or a duration from now
    """

    subject: Subject
    priority: Priority
    valid_until: ValidUntil | timedelta

    def expires_at(self, interview: Interview | None, now: datetime) -> datetime | None:
        """Time after which a message is not sent any more. None: no limit."""
        if isinstance(self.valid_until, timedelta):
            return now + self.valid_until
        if interview is None:
            return None
        is_start = self.valid_until is ValidUntil.START
        return interview.starts_at if is_start else interview.ends_at


ALARM = timedelta(minutes=30)
DAY = timedelta(days=1)

POLICIES = {
    Event.ASSIGNED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, ValidUntil.END),
    Event.MOVED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, ValidUntil.END),
    # Sent even late: the entry must disappear from the recipient's calendar.
    Event.CANCELLED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, 3 * DAY),
    Event.UNASSIGNED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, 3 * DAY),
    Event.ARRIVED: DeliveryPolicy(Subject.ARRIVALS, Priority.DAY_OF, ALARM),
    Event.LATE: DeliveryPolicy(Subject.LATENESS, Priority.DAY_OF, ALARM),
    Event.EXCUSED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, ValidUntil.START),
    Event.OFFERED: DeliveryPolicy(Subject.PLANS, Priority.CHANGE, ValidUntil.START),
    Event.REMINDER: DeliveryPolicy(Subject.REMINDERS, Priority.REMINDER, ValidUntil.START),
    Event.FEEDBACK_DUE: DeliveryPolicy(Subject.SCORECARDS, Priority.REMINDER, 7 * DAY),
    Event.TASK_FINISHED: DeliveryPolicy(Subject.WORK, Priority.CHANGE, DAY),
    Event.DIGEST: DeliveryPolicy(Subject.DIGEST, Priority.DIGEST, DAY / 2),
    Event.PRIVACY: DeliveryPolicy(Subject.DIGEST, Priority.CHANGE, DAY),
}

PLANS = frozenset({Event.ASSIGNED, Event.MOVED, Event.CANCELLED, Event.UNASSIGNED})
"""Events that state the plan of an interview: the newest makes earlier ones obsolete."""

OBSOLETE_ON_CHANGE = frozenset(
    {Event.REMINDER, Event.ARRIVED, Event.LATE, Event.EXCUSED, Event.OFFERED}
)
"""Events that become obsolete when the interview is rescheduled or cancelled."""
