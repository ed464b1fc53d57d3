"""Receivers for Celery signals about a run: process lost, task revoked, task name unknown.

They run in the main process of a worker. It forks children, which would inherit an open database
connection, so every receiver closes its connections.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import signals
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.utils import translation
from django.utils.translation import gettext as _

from realtime.background import dispatch, task_runs
from realtime.background.execution import TrackedTask
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

PROCESS_LOST_ERRORS = (WorkerLostError, TimeLimitExceeded)


def connect() -> None:
    signals.task_failure.connect(on_process_lost, dispatch_uid="task_runs.process_lost")
    signals.task_revoked.connect(on_revoked, dispatch_uid="task_runs.revoked")
    signals.task_unknown.connect(on_unknown, dispatch_uid="task_runs.unknown")


def on_process_lost(sender: Any, task_id: str, exception: BaseException, **kwargs: Any) -> None:
    """Shows on the run that its process was lost. Celery puts the message back in the queue."""
    if isinstance(sender, TrackedTask) and isinstance(exception, PROCESS_LOST_ERRORS):
        with _run(task_id) as run:
            if run is not None:
                message = _("The worker process was lost. The task will start again.")
                task_runs.mark_interrupted(run, message=message)


def on_revoked(sender: Any, request: Any, **kwargs: Any) -> None:
    """Marks the run as cancelled: operations staff revoked it in Celery (for example in Flower)."""
    if isinstance(sender, TrackedTask):
        with _run(request.id) as run:
            if run is not None:
                task_runs.mark_cancelled(run, message=_("Stopped by operations."))


def on_unknown(sender: Any, id: str, **kwargs: Any) -> None:
    """Marks the run as unsent, so that the sweep sends it again.

    The message comes from a newer version of the code; this worker has dropped it.
    """
    with _run(id) as run:
        if run is not None:
            dispatch.mark_unsent(run)


@contextmanager
def _run(task_id: str) -> Iterator[TaskRun | None]:
    """Yields the run with this id (None if there is none) with the run's language active.

    Logs a database error and swallows it: the recovery sweep deals with the run later.
    """
    try:
        run = TaskRun.objects.filter(pk=UUID(task_id)).first()
        with translation.override((run and run.language) or settings.LANGUAGE_CODE):
            yield run
    except DatabaseError:
        logger.warning(
            "Could not update a task run; the recovery sweep will", extra={"action": "run_left"}
        )
    finally:
        _close_connections()


def _close_connections() -> None:
    database = cast(DatabaseWrapper, connections["default"])
    if not database.in_atomic_block:
        database.close()
        database.close_pool()
