"""Work that Celery does for this app. Doing a task twice is harmless: the run's state decides."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.importing import runs
from jobs.importing.models import ImportRun
from jobs.importing.problems import UnreadableFile
from jobs.importing.runs import ImportRefused
from jobs.models import PersonalSettings
from realtime import task_runs
from realtime.models import TaskRun

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """The owner asked to stop; everything is rolled back."""


@shared_task
def apply_import(run_id: str) -> None:
    """Carry out an import somebody decided on, showing its progress."""
    run = ImportRun.objects.select_related("task", "owner").get(pk=run_id)
    assert run.task is not None, "a queued run has a task"
    if run.task.state in (TaskRun.State.SUCCEEDED, TaskRun.State.FAILED):
        return  # the message came twice
    with translation.override(language_for(run.owner_id)):
        if run.task.state == TaskRun.State.CANCELLED:
            runs.import_run_fail(run=run, message=_("Cancelled; nothing was imported."))
            return
        task_runs.started(run.task)
        _apply(run, run.task)


def _apply(run: ImportRun, task: TaskRun) -> None:
    def report(done: int) -> None:
        if task_runs.cancel_requested(task):
            raise Cancelled
        task_runs.progress(task, done=done, message=_("Saving"))

    task_runs.progress(task, done=0, message=_("Reading the file"))
    try:
        applied = runs.import_run_apply(run=run, report=report)
    except Cancelled:
        message = _("Cancelled; nothing was imported.")
        runs.import_run_fail(run=run, message=message)
        task_runs.cancelled(task, message=message)
    except (ImportRefused, UnreadableFile) as refused:
        runs.import_run_fail(run=run, message=str(refused))
        task_runs.failed(task, message=str(refused), errors=run.bad)
    except Exception:
        message = _("Something went wrong; nothing was imported.")
        runs.import_run_fail(run=run, message=message)
        task_runs.failed(task, message=message)
        raise
    else:
        _finish(applied, task)


def _finish(run: ImportRun, task: TaskRun) -> None:
    task_runs.finished(
        task,
        message=summary_of(run),
        errors=run.bad,
        result_url=reverse("import", args=[run.pk]),
    )
    logger.info("An import is done", extra={"action": "import_done", "import_id": str(run.pk)})


def summary_of(run: ImportRun) -> str:
    """The counts in one line."""
    return _("%(new)s new, %(known)s known, %(repeated)s repeated, %(bad)s with problems") % {
        "new": run.new,
        "known": run.known,
        "repeated": run.repeated,
        "bad": run.bad,
    }


def language_for(owner_id: int | None) -> str:
    """The language of the person the result is for."""
    chosen = PersonalSettings.objects.filter(user=owner_id).values_list("language", flat=True)
    return chosen.first() or settings.LANGUAGE_CODE


@shared_task
def expire_uploads() -> None:
    """Delete uploaded files that nobody decided about."""
    runs.uploads_expire()
