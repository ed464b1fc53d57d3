"""Generates the time slots of a bulk plan. Called by `loading`; pure, without database or clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from interview.models.time_spans import TimeSpan


def time_slots(
    days: Iterable[date],
    *,
    opens_at: time,
    closes_at: time,
    length: timedelta,
    pause: timedelta,
    zone: tzinfo,
) -> list[TimeSpan]:
    """Returns the slots that fit between opening and closing time of each day, in UTC, in order.

    `opens_at` and `closes_at` are local times in `zone`. Slots are laid out in elapsed time, so a
    day on which the clocks change has an hour more or less.
    """
    found = []
    for day in sorted(set(days)):
        begin = datetime.combine(day, opens_at, tzinfo=zone).astimezone(UTC)
        close = datetime.combine(day, closes_at, tzinfo=zone).astimezone(UTC)
        while begin + length <= close:
            found.append(TimeSpan(begin, begin + length))
            begin += length + pause
    return found
