"""From the row of a run to a message for a worker. The message holds no more than the run's id."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import current_app
from django.db import models
from django.utils import timezone
from kombu.exceptions import OperationalError

from realtime.breaker import Breaker
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

REST_SECONDS = 5.0  # the pages of this process wait for a broker that is gone once in so long
UNREACHABLE = (OperationalError, OSError)
_breaker = Breaker(REST_SECONDS)


def send(run: TaskRun) -> bool:
    """Hand a run to the broker. False if it cannot be reached: the sweep sends the run later."""
    if _breaker.is_open:
        return False
    try:
        current_app.tasks[run.task].apply_async(task_id=str(run.pk), queue=run.queue)
    except UNREACHABLE:
        _breaker.trip()
        logger.warning("The broker cannot be reached", extra={"action": "run_not_sent"})
        return False
    _note(run, timezone.now())
    return True


def was_not_sent(run: TaskRun) -> None:
    """Its message is lost: the next sweep sends it."""
    _note(run, None)


def _note(run: TaskRun, sent_at: datetime | None) -> None:
    """No watcher is shown this, so no marker is written: past the tracked update()."""
    models.QuerySet(TaskRun).filter(pk=run.pk).update(sent_at=sent_at)
