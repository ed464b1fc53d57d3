"""Quiet hours: until when a message waits so that it wakes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def quiet_end(moment: datetime, *, begins: time, ends: time, zone: tzinfo) -> datetime:
    """When the quiet hours around this moment end; the moment itself when it is in none.

    begins, ends: on the clock of `zone`; over midnight when they end before they begin.
    """
    here = moment.astimezone(zone)
    clock, is_over_midnight = here.time(), ends < begins
    has_begun, has_ended = clock >= begins, clock >= ends
    is_quiet = has_begun or not has_ended if is_over_midnight else has_begun and not has_ended
    if not is_quiet:
        return moment
    day = here.date() + timedelta(days=is_over_midnight and has_begun)
    end = datetime.combine(day, ends, tzinfo=zone)
    if end.astimezone(UTC) <= moment:
        # The clock shows this hour twice in that night, and it is the second time now.
        end = end.replace(fold=1)
    return end.astimezone(UTC)
