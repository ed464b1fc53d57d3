"""Who and what is booked when: plain values, asked many times over without the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

NO_TIME = timedelta()


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """A stretch of time, its end not included. Both moments know their zone."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: TimeSpan, *, buffer: timedelta = NO_TIME) -> bool:
        """Whether the two overlap, or lie closer together than the buffer."""
        return self.starts_at < other.ends_at + buffer and other.starts_at < self.ends_at + buffer


class Bookings:
    """What each of many rooms or people, known by their ids, is booked for.

    zone: where the clock hangs that says which day it is.
    """

    def __init__(self, zone: tzinfo, booked: Iterable[tuple[int, TimeSpan]] = ()) -> None:
        self._zone = zone
        self._booked: defaultdict[int, list[TimeSpan]] = defaultdict(list)
        self._load: Counter[tuple[int, date]] = Counter()
        self._total: Counter[int] = Counter()
        for who, span in booked:
            self.book(who, span)

    def day_of(self, span: TimeSpan) -> date:
        return span.starts_at.astimezone(self._zone).date()

    def book(self, who: int, span: TimeSpan) -> None:
        if span.starts_at < span.ends_at:  # over before it began: it counts, and holds nobody
            self._booked[who].append(span)
        self._load[who, self.day_of(span)] += 1
        self._total[who] += 1

    def release(self, who: int, span: TimeSpan) -> None:
        """Take back what was booked. Raises ValueError when it was not."""
        self._booked[who].remove(span)
        self._load[who, self.day_of(span)] -= 1
        self._total[who] -= 1

    def is_free(self, who: int, span: TimeSpan, *, buffer: timedelta = NO_TIME) -> bool:
        return not any(span.meets(taken, buffer=buffer) for taken in self._booked[who])

    def load(self, who: int, day: date) -> int:
        """How many bookings begin on that day."""
        return self._load[who, day]

    def total(self, who: int) -> int:
        return self._total[who]
