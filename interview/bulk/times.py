"""The times at which a plan's interviews may begin: the same on each of its days, one after the
other with a pause between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from interview.models.time_spans import Span


def times_of(
    days: Iterable[date],
    *,
    opens_at: time,
    closes_at: time,
    length: timedelta,
    pause: timedelta,
    zone: tzinfo,
) -> list[Span]:
    """Every time from opening to closing, in order. The clock that hangs in `zone` says when a day
    opens; between that and its closing an hour has sixty minutes, also when clocks are changed.
    """
    found = []
    for day in sorted(set(days)):
        begin = datetime.combine(day, opens_at, tzinfo=zone).astimezone(UTC)
        close = datetime.combine(day, closes_at, tzinfo=zone).astimezone(UTC)
        while begin + length <= close:
            found.append(Span(begin, begin + length))
            begin += length + pause
    return found
