"""How each event is told where nobody has chosen otherwise: the one table of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, Flag, auto

from interview.models import Delivery, Interview, NoticeSettings

Event = Delivery.Event
Priority = Delivery.Priority
Subject = NoticeSettings.Subject


class Until(Enum):
    """A message is of use until this moment of its interview."""

    START = "start"
    END = "end"


class By(Flag):
    """How a message leaves the house, unless somebody chose otherwise."""

    NOTHING = 0
    MAIL = auto()
    ROBOT = auto()


@dataclass(frozen=True, slots=True)
class Manner:
    """How one event is told.

    subject  under what a person chooses it for his e-mail
    lasts    until when it is of use
    by       e-mail to each person who has not chosen; robots to the campaign's groups
    """

    subject: Subject
    priority: Priority
    lasts: Until | timedelta
    by: By

    def expires_at(self, interview: Interview | None, now: datetime) -> datetime | None:
        """Worthless from then on."""
        if isinstance(self.lasts, timedelta):
            return now + self.lasts
        if interview is None:
            return None
        return interview.starts_at if self.lasts is Until.START else interview.ends_at


ALARM = timedelta(minutes=30)
DAY = timedelta(days=1)

MANNERS = {
    Event.ASSIGNED: Manner(Subject.PLANS, Priority.CHANGE, Until.END, By.MAIL),
    Event.MOVED: Manner(Subject.PLANS, Priority.CHANGE, Until.END, By.MAIL | By.ROBOT),
    # What stands in a calendar is to be taken out of it, were it late.
    Event.CANCELLED: Manner(Subject.PLANS, Priority.CHANGE, 3 * DAY, By.MAIL | By.ROBOT),
    Event.UNASSIGNED: Manner(Subject.PLANS, Priority.CHANGE, 3 * DAY, By.MAIL),
    Event.ARRIVED: Manner(Subject.ARRIVALS, Priority.DAY_OF, ALARM, By.ROBOT),
    Event.LATE: Manner(Subject.LATENESS, Priority.DAY_OF, ALARM, By.ROBOT),
    Event.EXCUSED: Manner(Subject.PLANS, Priority.CHANGE, Until.START, By.MAIL),
    Event.OFFERED: Manner(Subject.PLANS, Priority.CHANGE, Until.START, By.NOTHING),
    Event.REMINDER: Manner(Subject.REMINDERS, Priority.REMINDER, Until.START, By.MAIL),
    Event.FEEDBACK_DUE: Manner(Subject.SCORECARDS, Priority.REMINDER, 7 * DAY, By.MAIL),
    Event.TASK_FINISHED: Manner(Subject.WORK, Priority.CHANGE, DAY, By.NOTHING),
    Event.DIGEST: Manner(Subject.DIGEST, Priority.DIGEST, DAY / 2, By.MAIL),
}

PLANS = frozenset({Event.ASSIGNED, Event.MOVED, Event.CANCELLED, Event.UNASSIGNED})
"""What tells where an interview stands: the newest of these makes the earlier ones untrue."""

UNTRUE_ONCE_CHANGED = frozenset(
    {Event.REMINDER, Event.ARRIVED, Event.LATE, Event.EXCUSED, Event.OFFERED}
)
"""What an interview that moves or is cancelled takes with it."""


def is_mailed(event: str, chosen: NoticeSettings | None) -> bool:
    """Whether this person, by his choice or without one, gets this event by e-mail."""
    manner = MANNERS[Event(event)]
    if chosen is None or chosen.mailed is None:
        return By.MAIL in manner.by
    return manner.subject in chosen.mailed


def mailed_by_default() -> list[str]:
    """The subjects that the product proposes, in their order."""
    proposed = {manner.subject for manner in MANNERS.values() if By.MAIL in manner.by}
    return [subject.value for subject in Subject if subject in proposed]
