"""Time spans, and bookings of rooms or people as plain values that need no database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

ZERO = timedelta()


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """The time from `starts_at` up to, but not including, `ends_at`. Both are aware datetimes."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: TimeSpan, *, buffer: timedelta = ZERO) -> bool:
        """True if the two overlap, or lie closer together than the buffer."""
        return self.starts_at < other.ends_at + buffer and other.starts_at < self.ends_at + buffer


class Bookings:
    """The booked time spans of many rooms, interviewers or candidates, by their ids.

    zone: the time zone that decides on which day a span begins.
    """

    def __init__(self, zone: tzinfo, booked: Iterable[tuple[int, TimeSpan]] = ()) -> None:
        self._zone = zone
        self._booked: defaultdict[int, list[TimeSpan]] = defaultdict(list)
        self._load: Counter[tuple[int, date]] = Counter()
        self._total: Counter[int] = Counter()
        for owner_id, span in booked:
            self.book(owner_id, span)

    def day_of(self, span: TimeSpan) -> date:
        return span.starts_at.astimezone(self._zone).date()

    def book(self, owner_id: int, span: TimeSpan) -> None:
        """Add a booking. An empty span counts towards the day's load but occupies no time."""
        if span.starts_at < span.ends_at:
            self._booked[owner_id].append(span)
        self._load[owner_id, self.day_of(span)] += 1
        self._total[owner_id] += 1

    def release(self, owner_id: int, span: TimeSpan) -> None:
        """Remove a booking. Raises ValueError if the span is not booked."""
        self._booked[owner_id].remove(span)
        self._load[owner_id, self.day_of(span)] -= 1
        self._total[owner_id] -= 1

    def is_free(self, owner_id: int, span: TimeSpan, *, buffer: timedelta = ZERO) -> bool:
        return not any(span.overlaps(booked, buffer=buffer) for booked in self._booked[owner_id])

    def load(self, owner_id: int, day: date) -> int:
        """The number of bookings that begin on that day."""
        return self._load[owner_id, day]

    def total(self, owner_id: int) -> int:
        """The number of bookings on all days."""
        return self._total[owner_id]
