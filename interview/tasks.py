"""Background work of interview days, started by beat."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from interview.bulk.tasks import (
    apply_bulk_plan,
    move_applications,
    remind_interviewers,
    take_bulk_plan_back,
)
from interview.clock import record_passed
from interview.delivery import sending
from realtime.scheduling.models import ScheduledRun
from realtime.scheduling.runs import scheduled

# Celery looks for the tasks of an app in this module.
__all__ = [
    "apply_bulk_plan",
    "deliver",
    "move_applications",
    "remind_interviewers",
    "sweep_clock",
    "sweep_deliveries",
    "take_bulk_plan_back",
]

FIRST_REACH = timedelta(days=1)  # how far back the very first sweep looks


@scheduled
def sweep_clock(run: ScheduledRun) -> None:
    """Announce what the clock has changed since the last sweep, however long ago that was.

    The moment of a sweep is kept with its changes, in one transaction: one that dies is made up
    for by the next.
    """
    record_passed(run.since() or run.scheduled_for - FIRST_REACH, run.scheduled_for)


@shared_task(queue="notify", soft_time_limit=240, time_limit=300)
def deliver(channel: str) -> None:
    """Send what is due on this channel."""
    sending.deliver(channel)


@scheduled
def sweep_deliveries(run: ScheduledRun) -> None:
    """Lay aside what is too late or lost, and have the rest sent."""
    sending.sweep()
