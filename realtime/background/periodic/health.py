"""How long ago something went all the way from beat through the broker to a worker."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils import timezone

from realtime.models import ScheduledRun

CARRIED = "realtime.tasks.heartbeat"


def last_completed_at() -> datetime | None:
    """When the schedule's own sign of life arrived last; None: never."""
    done = ScheduledRun.objects.filter(task=CARRIED, state=ScheduledRun.State.DONE)
    moments = done.order_by("-scheduled_for").values_list("finished_at", flat=True)
    return moments.first()


def silence_seconds() -> float:
    """Infinite where nothing was ever carried out."""
    last = last_completed_at()
    return math.inf if last is None else max((timezone.now() - last).total_seconds(), 0.0)
