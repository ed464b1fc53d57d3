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


Booking = tuple[int, TimeSpan] | tuple[int, TimeSpan, int | None]
"""An owner's id, their booked time, and the place if it matters."""


class Bookings:
    """The booked time spans of many rooms, interviewers or candidates, by their ids.

    zone: the time zone that decides on which day a span begins. place: where the owner has to be,
    the id of a room; None for a video call.
    """

    def __init__(self, zone: tzinfo, booked: Iterable[Booking] = ()) -> None:
        self._zone = zone
        self._booked: defaultdict[int, list[tuple[TimeSpan, int | None]]] = defaultdict(list)
        self._load: Counter[tuple[int, date]] = Counter()
        self._total: Counter[int] = Counter()
        for booking in booked:
            self.book(*booking)

    def day_of(self, span: TimeSpan) -> date:
        return span.starts_at.astimezone(self._zone).date()

    def book(self, owner_id: int, span: TimeSpan, place: int | None = None) -> None:
        """Add a booking. An empty span counts towards the day's load but occupies no time."""
        if span.starts_at < span.ends_at:
            self._booked[owner_id].append((span, place))
        self._load[owner_id, self.day_of(span)] += 1
        self._total[owner_id] += 1

    def release(self, owner_id: int, span: TimeSpan, place: int | None = None) -> None:
        """Remove a booking. Raises ValueError if the span is not booked at that place."""
        is_known = (span, place) in self._booked[owner_id] or span.starts_at == span.ends_at
        if not (is_known and self._load[owner_id, self.day_of(span)]):
            raise ValueError("This span is not booked.")
        if span.starts_at < span.ends_at:
            self._booked[owner_id].remove((span, place))
        self._load[owner_id, self.day_of(span)] -= 1
        self._total[owner_id] -= 1

    def is_free(self, owner_id: int, span: TimeSpan, *, buffer: timedelta = ZERO) -> bool:
        booked = self._booked[owner_id]
        return not any(span.overlaps(other, buffer=buffer) for other, _ in booked)

    def is_close(self, owner_id: int, span: TimeSpan, *, buffer: timedelta) -> bool:
        """True if a booking leaves less than the buffer before or after the span."""
        return any(_is_close(span, other, buffer) for other, _ in self._booked[owner_id])

    def is_out_of_reach(
        self, owner_id: int, span: TimeSpan, place: int | None, *, walk: timedelta
    ) -> bool:
        """True if a booking elsewhere leaves less time than the walk to or from `place` takes."""
        return place is not None and any(
            elsewhere not in {None, place} and _is_close(span, other, walk)
            for other, elsewhere in self._booked[owner_id]
        )

    def load(self, owner_id: int, day: date) -> int:
        """The number of bookings that begin on that day."""
        return self._load[owner_id, day]

    def total(self, owner_id: int) -> int:
        """The number of bookings on all days."""
        return self._total[owner_id]


def _is_close(span: TimeSpan, other: TimeSpan, buffer: timedelta) -> bool:
    return span.overlaps(other, buffer=buffer) and not span.overlaps(other)
