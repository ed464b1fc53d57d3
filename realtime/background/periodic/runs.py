"""Executes the tasks that beat sends: once per entry and due time, however often they are sent."""

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


def scheduled(task_name: str) -> Callable[[PeriodicFunction], Any]:
    """Turns a function into a Celery task that beat starts.

    The function receives its ScheduledRun, with `scheduled_for`, `late` and `since()`. Its effects
    and the record of the run are one transaction, so sending the same due time again does nothing.
    Keep the function short: start slow work, and calls to other servers, with
    `transaction.on_commit`. A lost database or Redis is retried. Called directly, the task runs
    for the current time.

    task_name: Celery name, from the `task_names` module of the app
    """

    def make(function: PeriodicFunction) -> Any:
        @shared_task(
            bind=True,
            name=task_name,
            autoretry_for=SERVER_LOST_ERRORS,
            retry_backoff=True,
            max_retries=5,
        )
        def run(task: Task[Any, Any]) -> None:
            execute(function, task=task)

        run.__doc__ = function.__doc__
        return run

    return make


def execute(function: PeriodicFunction, *, task: Task[Any, Any]) -> None:
    """Calls the function unless its due time is already done; records and re-raises a failure."""
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
                logger.info("Scheduled run already done", extra={"action": "run_twice"} | key)
                return
            check_in.start(again=task.request.retries > 0)
            function(run)
            run.state, run.finished_at, run.message = run.State.DONE, timezone.now(), ""
            run.save()
    except Exception as error:
        _record_failure(key, task.name, error)
        if not _will_be_retried(task, error):
            check_in.fail()
        raise
    check_in.succeed()


def _will_be_retried(task: Task[Any, Any], error: Exception) -> bool:
    """Whether Celery will retry: such an error is not reported as a failure yet."""
    return isinstance(error, SERVER_LOST_ERRORS) and task.request.retries < (task.max_retries or 0)


def _scheduled_time(header: str | None) -> datetime:
    return datetime.fromisoformat(header) if header else timezone.now()


def _claim(key: dict[str, Any], task: str) -> ScheduledRun | None:
    """Creates or locks the run; None if it is done. Waits for a process that is executing it."""
    now = timezone.now()
    found, created = ScheduledRun.objects.get_or_create(
        **key, defaults={"task": task, "started_at": now}
    )
    if created:
        return found
    locked = ScheduledRun.objects.select_for_update().get(pk=found.pk)
    if locked.state == ScheduledRun.State.DONE:
        return None
    locked.started_at = now
    return locked


def _record_failure(key: dict[str, Any], task: str, error: Exception) -> None:
    """Records the class of the error, not its text, which may quote personal data."""
    failure = {
        "task": task,
        "state": ScheduledRun.State.FAILED,
        "finished_at": timezone.now(),
        "message": type(error).__name__,
    }
    try:
        ScheduledRun.objects.update_or_create(**key, defaults=failure)
    except SERVER_LOST_ERRORS:
        logger.warning("Could not record the failed run", extra={"action": "run_unrecorded"})
