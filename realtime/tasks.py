"""Background work of the live lists, started by beat."""

from __future__ import annotations

from realtime import retention
from realtime.scheduling.models import ScheduledRun
from realtime.scheduling.runs import scheduled


@scheduled
def trim_changes(run: ScheduledRun) -> None:
    """Forget what no reader will ask for any more."""
    retention.trim(run.scheduled_for)
