"""Which reminder of an interview is due, computed from its current start: rescheduling an interview
reschedules its reminders. No database access.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.dateparse import parse_datetime

from interview.models import InterviewEvent
from interview.models.states import NOT_TAKING_PLACE


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a sweep covers: from `since` (included) to `until` (excluded).

    now  time of the sweep
    """

    since: datetime
    until: datetime
    now: datetime

    def contains(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


def due_before(start: datetime, offsets: Iterable[timedelta], window: Window) -> timedelta | None:
    """Return the offset before `start` whose reminder is due in the window, or None.

    After an outage only the reminder nearest to the start is sent. None once the interview has
    begun.
    """
    reached = [offset for offset in offsets if start - offset < window.now < start]
    if not reached:
        return None
    nearest = min(reached)
    return nearest if window.contains(start - nearest) else None


def settled_at(start: datetime, created_at: datetime, events: Iterable[InterviewEvent]) -> datetime:
    """Return the time since which the interview is planned for `start`.

    That is when it was created, rescheduled to `start`, or reinstated. Reminders that were due
    earlier are stale: the people concerned have just been notified of the plan.
    """
    for event in sorted(events, key=lambda one: one.pk, reverse=True):
        before = event.before
        if not before:
            continue
        if parse_datetime(before["starts_at"]) != start or before["status"] in NOT_TAKING_PLACE:
            return event.at
    return created_at
