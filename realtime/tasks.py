"""Periodic Celery tasks of this app; `realtime_entries` schedules them."""

from __future__ import annotations

from django.utils import timezone

from realtime import retention, task_names
from realtime.background import recovery
from realtime.background.heartbeats import heartbeats_mark_silent
from realtime.background.periodic.runs import scheduled
from realtime.models import ScheduledRun


@scheduled(task_names.HEARTBEAT)
def heartbeat(run: ScheduledRun) -> None:
    """Proves by its record that beat, broker and worker pass tasks on.

    Also marks silent processes, as the relay does: neither can notice its own end.
    """
    heartbeats_mark_silent(timezone.now())


@scheduled(task_names.TRIM_RUNS)
def trim_runs(run: ScheduledRun) -> None:
    """Deletes old runs with their result files, stored responses, and sessions that have ended."""
    retention.trim_scheduled_runs(run.scheduled_for)
    retention.trim_task_runs(run.scheduled_for)
    retention.trim_kept_answers(run.scheduled_for)
    retention.trim_sessions(run.scheduled_for)


@scheduled(task_names.TRIM_CHANGES)
def trim_changes(run: ScheduledRun) -> None:
    """Deletes changes that no browser will request any more."""
    retention.trim_changes(run.scheduled_for)


@scheduled(task_names.SWEEP_RUNS)
def sweep_runs(run: ScheduledRun) -> None:
    """Sends runs again that no worker is executing."""
    recovery.resend_lost_runs(run.scheduled_for)


@scheduled(task_names.EXPIRE_RESULTS)
def expire_results(run: ScheduledRun) -> None:
    """Deletes result files after their retention period."""
    recovery.expire_results(run.scheduled_for)
