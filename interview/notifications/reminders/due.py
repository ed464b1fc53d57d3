"""Which reminder of an interview is due: from its start as it is now, so that a moved interview's
reminders move by themselves.
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
    """From `since` (included) to `until` (excluded); `now` is when somebody looks at it."""

    since: datetime
    until: datetime
    now: datetime

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


def due_before(start: datetime, offsets: Iterable[timedelta], window: Window) -> timedelta | None:
    """The offset whose moment was reached within the window, if no nearer one has been since.

    After a silence only that one is still of use; nothing is, once the interview has begun.
    """
    reached = [offset for offset in offsets if start - offset < window.now < start]
    if not reached:
        return None
    nearest = min(reached)
    return nearest if window.holds(start - nearest) else None


def settled_at(start: datetime, created_at: datetime, events: Iterable[InterviewEvent]) -> datetime:
    """Since when it is to begin at `start`: made, moved there, or called back into life.

    A reminder whose moment lies before that is stale: whoever it concerns has just been told.
    """
    for event in sorted(events, key=lambda one: one.pk, reverse=True):
        before = event.before
        if not before:
            continue
        if parse_datetime(before["starts_at"]) != start or before["status"] in NOT_TAKING_PLACE:
            return event.at
    return created_at
