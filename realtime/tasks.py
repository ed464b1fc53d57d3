"""Background work of the live lists, started by beat."""

from __future__ import annotations

from django.utils import timezone

from realtime import retention
from realtime.background import recovery
from realtime.background.heartbeats import heartbeats_mark_silent
from realtime.background.periodic.runs import scheduled
from realtime.models import ScheduledRun


@scheduled
def heartbeat(run: ScheduledRun) -> None:
    """Its record says that work gets through. It looks who is silent, as the relay does: neither
    can tell of its own end.
    """
    heartbeats_mark_silent(timezone.now())


@scheduled
def trim_runs(run: ScheduledRun) -> None:
    """Forget runs that are long over, and their result files; and what repeated requests get."""
    retention.trim_scheduled_runs(run.scheduled_for)
    retention.trim_task_runs(run.scheduled_for)
    retention.trim_kept_answers(run.scheduled_for)


@scheduled
def trim_changes(run: ScheduledRun) -> None:
    """Forget what no reader will ask for any more."""
    retention.trim_changes(run.scheduled_for)


@scheduled
def sweep_runs(run: ScheduledRun) -> None:
    """Send again what no worker has, and nobody has done."""
    recovery.resend_lost_runs(run.scheduled_for)


@scheduled
def expire_results(run: ScheduledRun) -> None:
    """Delete the files of results that were kept long enough."""
    recovery.expire_results(run.scheduled_for)
