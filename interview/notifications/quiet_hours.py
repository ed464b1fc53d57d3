"""Quiet hours: the time until which a message is held so that it wakes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def quiet_end(moment: datetime, *, begins: time, ends: time, zone: tzinfo) -> datetime:
    """Return the end of the quiet hours that contain `moment`, in UTC; else `moment` itself.

    begins, ends: wall-clock times in `zone`. Quiet hours that end before they begin span midnight,
    such as 22:00 to 07:30.
    """
    here = moment.astimezone(zone)
    clock, spans_midnight = here.time(), ends < begins
    has_begun, has_ended = clock >= begins, clock >= ends
    is_quiet = has_begun or not has_ended if spans_midnight else has_begun and not has_ended
    if not is_quiet:
        return moment
    day = here.date() + timedelta(days=spans_midnight and has_begun)
    end = datetime.combine(day, ends, tzinfo=zone)
    if end.astimezone(UTC) <= moment:
        # When clocks go back, this hour occurs twice, and `moment` is in the second one.
        end = end.replace(fold=1)
    return end.astimezone(UTC)
