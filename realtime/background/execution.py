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
from realtime.background.run_lock import lease
from realtime.background.task_context import Cancelled, Refused, Result, Work
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

MAX_DELIVERIES = 3  # work that ended its worker so often will end the next one, too
LOST_DATABASE = (OperationalError, InterfaceError)


class WatchedTask(Task):  # type: ignore[type-arg]  # not generic when it runs
    """A Celery task whose message names a run. The class attributes are the decorator's."""

    abstract = True
    work_name: str
    work_queue: str
    keeps: bool
    function: Callable[..., Result]


def carry_out(task: WatchedTask, run_id: UUID | str) -> None:
    """Do what the message asks for, unless it is done, or another worker is at it.

    Raises whatever went wrong for no reason that is known here, once the run has ended with it.
    """
    run = TaskRun.objects.filter(pk=run_id).first()
    if run is None:
        logger.warning("A message names a run that is gone", extra={"action": "run_gone"})
        return
    with lease(run.pk) as is_ours, translation.override(run.language or settings.LANGUAGE_CODE):
        if not is_ours:
            logger.info("A run is in work elsewhere", extra={"action": "run_in_work"})
        elif _begins(run):
            _do(task, Work(run))


def _begins(run: TaskRun) -> bool:
    if run.deliveries >= MAX_DELIVERIES:
        message = _("It was begun %(times)s times and never came to an end, so it was given up.")
        task_runs.failed(run, message=message % {"times": run.deliveries})
        return False
    return task_runs.started(run)


def _do(task: WatchedTask, work: Work) -> None:
    """The one edge of all work that catches broadly: every way out is an end in words."""
    run = work.run
    kept = _("What was done so far is kept.") if task.keeps else _("Nothing was changed.")
    try:
        _perform(task, work)
    except Cancelled:
        task_runs.cancelled(run, message=_("It was stopped. %(kept)s") % {"kept": kept})
    except Refused as refused:
        task_runs.failed(run, message=str(refused), errors=refused.errors)
    except SoftTimeLimitExceeded:
        message = _("It took too long, so it was stopped. %(kept)s") % {"kept": kept}
        task_runs.failed(run, message=message)
    except LOST_DATABASE:
        with suppress(DatabaseError):
            task_runs.interrupted(run, message=_("It was interrupted, and will be tried again."))
        raise
    except Exception as error:
        task_runs.failed(run, message=f"{_reason(error)} {kept}")
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, ObjectDoesNotExist):
        return _("Something this work is about no longer exists.")
    if isinstance(error, FileNotFoundError):
        return _("A file this work needs is gone.")
    return _("Something went wrong.")


def _perform(task: WatchedTask, work: Work) -> None:
    with nullcontext() if task.keeps else transaction.atomic():
        result = task.function(work, *work.run.arguments)
        _end(work, result)


def _end(work: Work, result: Result) -> None:
    end = task_runs.cancelled if work.is_stopped else task_runs.finished
    end(
        work.run,
        message=result.message,
        errors=result.errors,
        result_url=result.url,
        file=result.file,
    )
