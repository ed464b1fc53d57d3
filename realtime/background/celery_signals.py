"""What Celery alone knows of a run: that its process died, that somebody revoked it, that this
worker does not know it.

These run in a worker's main process, whose children would inherit a connection left open.
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


def on_process_lost(sender: Any, task_id: str, exception: BaseException, **told: Any) -> None:
    """The message goes back to the queue; whoever watches is told why nothing moves."""
    if isinstance(sender, TrackedTask) and isinstance(exception, PROCESS_LOST_ERRORS):
        with _run(task_id) as run:
            if run is not None:
                message = _("Its process was lost; it is begun again.")
                task_runs.mark_interrupted(run, message=message)


def on_revoked(sender: Any, request: Any, **told: Any) -> None:
    """Operations stopped it with Celery's own means; its process, if it had one, is gone."""
    if isinstance(sender, TrackedTask):
        with _run(request.id) as run:
            if run is not None:
                task_runs.mark_cancelled(run, message=_("It was stopped by operations."))


def on_unknown(sender: Any, id: str, **told: Any) -> None:
    """A message from a newer version: this worker drops it, so that the sweep sends it again."""
    with _run(id) as run:
        if run is not None:
            dispatch.mark_unsent(run)


@contextmanager
def _run(task_id: str) -> Iterator[TaskRun | None]:
    """The run of this id, or nothing, in its own language; a lost database is left to the sweep."""
    try:
        run = TaskRun.objects.filter(pk=UUID(task_id)).first()
        with translation.override((run and run.language) or settings.LANGUAGE_CODE):
            yield run
    except DatabaseError:
        logger.warning("A run is left to the sweep", extra={"action": "run_left"})
    finally:
        _close_connections()


def _close_connections() -> None:
    database = cast(DatabaseWrapper, connections["default"])
    if not database.in_atomic_block:
        database.close()
        database.close_pool()
