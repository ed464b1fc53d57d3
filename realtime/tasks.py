"""Background work of the live lists, started by beat."""

from __future__ import annotations

from realtime import retention, sweep
from realtime.scheduling.models import ScheduledRun
from realtime.scheduling.runs import scheduled


@scheduled
def trim_changes(run: ScheduledRun) -> None:
    """Forget what no reader will ask for any more."""
    retention.trim(run.scheduled_for)


@scheduled
def sweep_runs(run: ScheduledRun) -> None:
    """Send again what no worker has, and nobody has done."""
    sweep.send_again(run.scheduled_for)


@scheduled
def expire_results(run: ScheduledRun) -> None:
    """Delete the files of results that were kept long enough."""
    sweep.expire_results(run.scheduled_for)
