"""Time since a scheduled task last went all the way from beat through the broker to a worker."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils import timezone

from realtime import task_names
from realtime.models import ScheduledRun


def last_completed_at() -> datetime | None:
    """When the schedule's heartbeat task last finished; None if it never did."""
    done = ScheduledRun.objects.filter(task=task_names.HEARTBEAT, state=ScheduledRun.State.DONE)
    return done.order_by("-scheduled_for").values_list("finished_at", flat=True).first()


def silence_seconds() -> float:
    """Seconds since the heartbeat task last finished; infinite if it never did."""
    last = last_completed_at()
    return math.inf if last is None else max((timezone.now() - last).total_seconds(), 0.0)
