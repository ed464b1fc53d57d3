"""Sends messages to the Celery broker behind a circuit breaker.

The message of a task run contains only the run's id. Web processes and workers send everything
through `publish`: while the broker does not answer, one caller waits for it, not all of them.
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

BROKER_RETRY_SECONDS = 5.0  # a process tries an unreachable broker once per this interval
BROKER_ERRORS = (OperationalError, OSError)
_breaker = CircuitBreaker(BROKER_RETRY_SECONDS)


def publish(message: Callable[[], object]) -> bool:
    """Calls `message`, which sends one message to the broker.

    Returns False if the broker cannot be reached, or could not in the last BROKER_RETRY_SECONDS.
    """
    if _breaker.is_open:
        return False
    try:
        message()
    except BROKER_ERRORS:
        _breaker.trip()
        logger.warning("The broker is unreachable", extra={"action": "broker_lost"})
        return False
    return True


def send_run(run: TaskRun) -> bool:
    """Sends a run to its queue. Returns False if the broker is unreachable: the sweep retries."""
    task = current_app.tasks[run.task]
    if not publish(partial(task.apply_async, task_id=str(run.pk), queue=run.queue)):
        return False
    _set_sent_at(run, timezone.now())
    return True


def mark_unsent(run: TaskRun) -> None:
    """Records that the run's message is lost, so that the next sweep sends it."""
    _set_sent_at(run, None)


def _set_sent_at(run: TaskRun, sent_at: datetime | None) -> None:
    """Uses a plain queryset: no list shows `sent_at`, so the update needs no change marker."""
    models.QuerySet(TaskRun).filter(pk=run.pk).update(sent_at=sent_at)
