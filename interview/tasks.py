"""Background work of interview days, started by beat."""

from __future__ import annotations

from datetime import timedelta

from interview.clock import record_passed
from realtime.scheduling.models import ScheduledRun
from realtime.scheduling.runs import scheduled

FIRST_REACH = timedelta(days=1)  # how far back the very first sweep looks


@scheduled
def sweep_clock(run: ScheduledRun) -> None:
    """Announce what the clock has changed since the last sweep, however long ago that was.

    The moment of a sweep is kept with its changes, in one transaction: one that dies is made up
    for by the next.
    """
    record_passed(run.since() or run.scheduled_for - FIRST_REACH, run.scheduled_for)
