"""Executes a task run in a worker, from the message to its end state.

Called by the Celery task that `tracked_tasks.tracked_task` creates.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext, suppress
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Task
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from realtime.background import task_runs
from realtime.background.run_lock import run_lock
from realtime.background.task_context import TaskCancelled, TaskContext, TaskFailed, TaskResult
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

MAX_DELIVERIES = 3  # a run that killed its worker this often would kill the next one too
DATABASE_LOST_ERRORS = (OperationalError, InterfaceError)


class TrackedTask(Task):  # type: ignore[type-arg]  # not generic when it runs
    """Celery task whose message id is the id of a TaskRun. `tracked_task` sets the attributes."""

    Request = "monitoring.sentry.worker_request:ReportedRequest"

    abstract = True
    kind: str
    queue_name: str
    keeps_partial_work: bool
    function: Callable[..., TaskResult]


def execute_run(task: TrackedTask, run_id: UUID | str) -> None:
    """Executes the run, unless it has ended or another worker is executing it.

    Re-raises unexpected exceptions after it has recorded the failure, and a lost database
    connection so that Celery delivers the message again.
    """
    run = TaskRun.objects.filter(pk=run_id).first()
    if run is None:
        logger.warning("The task run no longer exists", extra={"action": "run_gone"})
        return
    with run_lock(run.pk) as is_ours, translation.override(run.language or settings.LANGUAGE_CODE):
        if not is_ours:
            logger.info("Another worker is executing the run", extra={"action": "run_in_work"})
        elif _start(run):
            _execute(task, TaskContext(run))


def _start(run: TaskRun) -> bool:
    if run.deliveries >= MAX_DELIVERIES:
        message = _("The task started %(times)s times and never finished, so it was given up.")
        task_runs.mark_failed(run, message=message % {"times": run.deliveries})
        return False
    return task_runs.mark_started(run)


def _execute(task: TrackedTask, context: TaskContext) -> None:
    """Calls the task and records how it ended, in words for the owner of the run.

    The one place of background work that catches all exceptions.
    """
    run = context.run
    kept = (
        _("What was done so far is kept.") if task.keeps_partial_work else _("Nothing was changed.")
    )
    try:
        _call(task, context)
    except TaskCancelled:
        task_runs.mark_cancelled(run, message=_("Stopped. %(kept)s") % {"kept": kept})
    except TaskFailed as failure:
        task_runs.mark_failed(run, message=str(failure), errors=failure.errors)
    except SoftTimeLimitExceeded:
        message = _("Stopped, because it took too long. %(kept)s") % {"kept": kept}
        task_runs.mark_failed(run, message=message)
    except DATABASE_LOST_ERRORS:
        with suppress(DatabaseError):
            task_runs.mark_interrupted(run, message=_("Interrupted. The task will be tried again."))
        raise
    except Exception as error:
        task_runs.mark_failed(run, message=f"{_reason(error)} {kept}")
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, ObjectDoesNotExist):
        return _("A record that this task needs no longer exists.")
    if isinstance(error, FileNotFoundError):
        return _("A file that this task needs no longer exists.")
    return _("Something went wrong.")


def _call(task: TrackedTask, context: TaskContext) -> None:
    with nullcontext() if task.keeps_partial_work else transaction.atomic():
        result = task.function(context, *context.run.arguments)
        _end(context, result)


def _end(context: TaskContext, result: TaskResult) -> None:
    mark = task_runs.mark_cancelled if context.is_cancelled else task_runs.mark_succeeded
    mark(
        context.run,
        message=result.message,
        errors=result.errors,
        result_url=result.url,
        file=result.file,
    )
