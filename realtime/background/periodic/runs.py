"""Carrying out what beat has sent: once for each entry and moment, however often it is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import redis
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from realtime.background.periodic.sentry_check_ins import CheckIn
from realtime.models import ScheduledRun

logger = logging.getLogger(__name__)

ENTRY_HEADER = "periodic_task_name"  # django-celery-beat's own
SCHEDULED_FOR_HEADER = "scheduled_for"
SERVER_LOST_ERRORS = (OperationalError, InterfaceError, redis.RedisError)

PeriodicFunction = Callable[[ScheduledRun], object]


def scheduled(work: PeriodicFunction) -> Any:
    """A task that beat starts. `work` gets the run: `scheduled_for`, `late`, `since()`.

    Work and record are one transaction: it happened and is recorded, or neither, and the same
    moment sent again does nothing. So work must be short; what is slow, or talks to other servers,
    it hands to tasks with `transaction.on_commit`. A server lost meanwhile: it is tried again.
    Called as a function it does the work for the present moment.
    """

    @shared_task(
        bind=True,
        name=f"{work.__module__}.{work.__name__}",
        autoretry_for=SERVER_LOST_ERRORS,
        retry_backoff=True,
        max_retries=5,
    )
    def run(task: Task[Any, Any]) -> None:
        execute(work, task=task)

    run.__doc__ = work.__doc__
    return run


def execute(work: PeriodicFunction, *, task: Task[Any, Any]) -> None:
    """Do the work, unless it was done for this moment; a failure is recorded and raised."""
    headers = task.request.headers or {}
    key: dict[str, Any] = {
        "entry": headers.get(ENTRY_HEADER) or task.name,
        "scheduled_for": _scheduled_time(headers.get(SCHEDULED_FOR_HEADER)),
    }
    check_in = CheckIn(key["entry"], key["scheduled_for"])
    try:
        with transaction.atomic():
            run = _claim(key, task.name)
            if run is None:
                logger.info("A run was sent twice", extra={"action": "run_twice"} | key)
                return
            check_in.start(again=task.request.retries > 0)
            work(run)
            run.state, run.finished_at, run.message = run.State.DONE, timezone.now(), ""
            run.save()
    except Exception as error:
        _record_failure(key, task.name, error)
        if not _will_be_retried(task, error):
            check_in.fail()
        raise
    check_in.succeed()


def _will_be_retried(task: Task[Any, Any], error: Exception) -> bool:
    """What is tried again has not failed yet."""
    return isinstance(error, SERVER_LOST_ERRORS) and task.request.retries < (task.max_retries or 0)


def _scheduled_time(header: str | None) -> datetime:
    return datetime.fromisoformat(header) if header else timezone.now()


def _claim(key: dict[str, Any], task: str) -> ScheduledRun | None:
    """The run, if nobody has done it yet. Waits for whoever is doing it right now."""
    now = timezone.now()
    found, created = ScheduledRun.objects.get_or_create(
        **key, defaults={"task": task, "started_at": now}
    )
    if created:
        return found
    held = ScheduledRun.objects.select_for_update().get(pk=found.pk)
    if held.state == ScheduledRun.State.DONE:
        return None
    held.started_at = now
    return held


def _record_failure(key: dict[str, Any], task: str, error: Exception) -> None:
    """By its kind only: the text of an error may quote what it stumbled over."""
    failure = {
        "task": task,
        "state": ScheduledRun.State.FAILED,
        "finished_at": timezone.now(),
        "message": type(error).__name__,
    }
    try:
        ScheduledRun.objects.update_or_create(**key, defaults=failure)
    except SERVER_LOST_ERRORS:
        logger.warning("A failed run could not be recorded", extra={"action": "run_unrecorded"})
