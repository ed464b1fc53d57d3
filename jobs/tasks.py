"""The Celery tasks of this app: imports, exports, and two periodic tasks."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs import task_names
from jobs.applications.confirm import pending_applications_expire
from jobs.exports.exports import write_export
from jobs.imports import plan, runs, uploads
from jobs.imports.problems import InvalidColumns, UnreadableFile
from jobs.imports.refusals import ImportRefused
from jobs.models.imports import ImportRun
from jobs.privacy.anonymisation import (
    anonymisation_announce,
    anonymisation_execute_announced,
    anonymisation_list,
)
from realtime.background.periodic.runs import scheduled
from realtime.background.tracked_tasks import TaskContext, TaskFailed, TaskResult, tracked_task
from realtime.models import ScheduledRun

logger = logging.getLogger(__name__)


@tracked_task(task_names.CHECK_IMPORT, kind="import", queue="bulk")
def check_import(context: TaskContext, run_id: str) -> TaskResult:
    """Checks a file that is too long for a request."""
    run = ImportRun.objects.get(pk=run_id)
    context.report_progress(0, _("Reading the file"))
    try:
        context.set_total(_rows_of(run))
        run = runs.import_run_check(
            run=run, on_progress=lambda done: context.report_progress(done, _("Checking"))
        )
    except (ImportRefused, UnreadableFile) as refused:
        raise TaskFailed(refused) from refused
    return result_of(run)


@tracked_task(task_names.APPLY_IMPORT, kind="import", queue="bulk")
def apply_import(context: TaskContext, run_id: str) -> TaskResult:
    """Applies an import, all or nothing."""
    run = ImportRun.objects.get(pk=run_id)
    context.report_progress(0, _("Reading the file"))
    try:
        if not run.total:  # not checked yet
            context.set_total(_rows_of(run))
        run = runs.import_run_apply(
            run=run, on_progress=lambda done: context.report_progress(done, _("Saving"))
        )
    except (ImportRefused, InvalidColumns, UnreadableFile) as refused:
        raise TaskFailed(refused, errors=run.bad) from refused
    logger.info("An import is done", extra={"action": "import_done", "import_id": str(run.pk)})
    return result_of(run)


@tracked_task(task_names.EXPORT, kind="export", queue="bulk")
def export(
    context: TaskContext, what: str, file_format: str, filters: dict[str, Any]
) -> TaskResult:
    """Writes a list to a file for the owner of the task."""
    return write_export(context, what, file_format, filters)


def _rows_of(run: ImportRun) -> int:
    return plan.number_of_rows(uploads.content_of(run), run.read_options)


def result_of(run: ImportRun) -> TaskResult:
    return TaskResult(message=summary_of(run), errors=run.bad, url=reverse("import", args=[run.pk]))


def summary_of(run: ImportRun) -> str:
    """Returns the counts in one line."""
    return _("%(new)s new, %(known)s known, %(repeated)s repeated, %(bad)s with problems") % {
        "new": run.new,
        "known": run.known,
        "repeated": run.repeated,
        "bad": run.bad,
    }


@scheduled(task_names.LIST_ANONYMISATION)
def list_anonymisation(run: ScheduledRun) -> None:
    """Anonymises those announced the night before, and announces those who are due now.

    With ANONYMISE_AUTOMATICALLY=no it only lists them.
    """
    now = run.scheduled_for
    if not settings.ANONYMISE_AUTOMATICALLY:
        anonymisation_list(now=now)
        return
    anonymisation_execute_announced(now=now)
    anonymisation_announce(now=now)


@scheduled(task_names.EXPIRE_UPLOADS)
def expire_uploads(run: ScheduledRun) -> None:
    """Deletes files that were neither applied nor discarded, and unconfirmed applications."""
    uploads.uploads_expire()
    pending_applications_expire()
