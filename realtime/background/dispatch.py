"""From the row of a run to a message for a worker. The message holds no more than the run's id.

Whatever a request or a worker sends through the broker goes by `publish`, so that one that does
not answer is waited for once, and not by everything that has something to send.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from celery import current_app
from django.db import models
from django.utils import timezone
from kombu.exceptions import OperationalError

from realtime.circuit_breaker import CircuitBreaker
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

BROKER_RETRY_SECONDS = (
    5.0  # the pages of this process wait for a broker that is gone once in so long
)
BROKER_ERRORS = (OperationalError, OSError)
_breaker = CircuitBreaker(BROKER_RETRY_SECONDS)


def publish(message: Callable[[], object]) -> bool:
    """Give the broker a message. False when it cannot be reached, or could not just before."""
    if _breaker.is_open:
        return False
    try:
        message()
    except BROKER_ERRORS:
        _breaker.trip()
        logger.warning("The broker cannot be reached", extra={"action": "broker_lost"})
        return False
    return True


def send_run(run: TaskRun) -> bool:
    """Hand a run to the broker. False if it cannot be reached: the sweep sends the run later."""
    task = current_app.tasks[run.task]
    if not publish(partial(task.apply_async, task_id=str(run.pk), queue=run.queue)):
        return False
    _set_sent_at(run, timezone.now())
    return True


def mark_unsent(run: TaskRun) -> None:
    """Its message is lost: the next sweep sends it."""
    _set_sent_at(run, None)


def _set_sent_at(run: TaskRun, sent_at: datetime | None) -> None:
    """No watcher is shown this, so no marker is written: past the tracked update()."""
    models.QuerySet(TaskRun).filter(pk=run.pk).update(sent_at=sent_at)
