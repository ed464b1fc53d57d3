"""From the decision to import to a worker that does it."""

from __future__ import annotations

import logging

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from jobs import tasks
from jobs.importing import runs
from jobs.importing.models import ImportRun
from realtime import task_runs
from realtime.models import TaskRun

logger = logging.getLogger(__name__)


@transaction.atomic
def import_run_start(*, run: ImportRun, rows: str, by: User | None) -> TaskRun:
    """Hand a checked file to a worker. Raises ImportRefused if it makes no sense."""
    task = _announce(run, by)
    run = runs.import_run_queue(run=run, rows=rows, task=task)
    transaction.on_commit(lambda: _send(run, task))
    return task


@transaction.atomic
def dry_run_note(*, run: ImportRun, by: User | None) -> TaskRun:
    """A check that was asked for on its own, shown as the finished work it is."""
    task = _announce(run, by)
    task_runs.started(task)
    task_runs.finished(
        task,
        message=tasks.summary_of(run),
        errors=run.bad,
        result_url=reverse("import", args=[run.pk]),
    )
    return task


def _announce(run: ImportRun, by: User | None) -> TaskRun:
    title = _("Import %(file)s") % {"file": run.file_name}
    return task_runs.task_run_create(
        name="import", title=title[:160], owner=by, total=run.total, can_cancel=True
    )


def _send(run: ImportRun, task: TaskRun) -> None:
    try:
        tasks.apply_import.delay(str(run.pk))
    except OperationalError:
        logger.warning("No worker can be reached", extra={"action": "import_not_sent"})
        runs.import_run_release(run=run)
        task_runs.failed(task, message=_("No worker can be reached; please try again."))
