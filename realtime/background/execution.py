"""A run in the hands of a worker: from the message to its one end."""

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

MAX_DELIVERIES = 3  # work that ended its worker so often will end the next one, too
DATABASE_LOST_ERRORS = (OperationalError, InterfaceError)


class TrackedTask(Task):  # type: ignore[type-arg]  # not generic when it runs
    """A Celery task whose message names a run. The class attributes are the decorator's."""

    abstract = True
    kind: str
    queue_name: str
    keeps_partial_work: bool
    function: Callable[..., TaskResult]


def execute_run(task: TrackedTask, run_id: UUID | str) -> None:
    """Do what the message asks for, unless it is done, or another worker is at it.

    Raises whatever went wrong for no reason that is known here, once the run has ended with it.
    """
    run = TaskRun.objects.filter(pk=run_id).first()
    if run is None:
        logger.warning("A message names a run that is gone", extra={"action": "run_gone"})
        return
    with run_lock(run.pk) as is_ours, translation.override(run.language or settings.LANGUAGE_CODE):
        if not is_ours:
            logger.info("A run is in work elsewhere", extra={"action": "run_in_work"})
        elif _begins(run):
            _do(task, TaskContext(run))


def _begins(run: TaskRun) -> bool:
    if run.deliveries >= MAX_DELIVERIES:
        message = _("It was begun %(times)s times and never came to an end, so it was given up.")
        task_runs.mark_failed(run, message=message % {"times": run.deliveries})
        return False
    return task_runs.mark_started(run)


def _do(task: TrackedTask, context: TaskContext) -> None:
    """The one edge of all work that catches broadly: every way out is an end in words."""
    run = context.run
    kept = (
        _("What was done so far is kept.") if task.keeps_partial_work else _("Nothing was changed.")
    )
    try:
        _perform(task, context)
    except TaskCancelled:
        task_runs.mark_cancelled(run, message=_("It was stopped. %(kept)s") % {"kept": kept})
    except TaskFailed as refused:
        task_runs.mark_failed(run, message=str(refused), errors=refused.errors)
    except SoftTimeLimitExceeded:
        message = _("It took too long, so it was stopped. %(kept)s") % {"kept": kept}
        task_runs.mark_failed(run, message=message)
    except DATABASE_LOST_ERRORS:
        with suppress(DatabaseError):
            task_runs.mark_interrupted(
                run, message=_("It was interrupted, and will be tried again.")
            )
        raise
    except Exception as error:
        task_runs.mark_failed(run, message=f"{_reason(error)} {kept}")
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, ObjectDoesNotExist):
        return _("Something this work is about no longer exists.")
    if isinstance(error, FileNotFoundError):
        return _("A file this work needs is gone.")
    return _("Something went wrong.")


def _perform(task: TrackedTask, context: TaskContext) -> None:
    with nullcontext() if task.keeps_partial_work else transaction.atomic():
        result = task.function(context, *context.run.arguments)
        _end(context, result)


def _end(context: TaskContext, result: TaskResult) -> None:
    end = task_runs.mark_cancelled if context.is_cancelled else task_runs.mark_succeeded
    end(
        context.run,
        message=result.message,
        errors=result.errors,
        result_url=result.url,
        file=result.file,
    )
