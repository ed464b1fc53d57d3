"""Starts the background tasks that check and apply imports. The page and the API call it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from jobs import tasks
from jobs.imports import runs
from jobs.imports.options import AUTODETECT, ReadOptions
from jobs.models import Campaign, PersonalSettings
from jobs.models.imports import ImportRun
from realtime.background import task_runs, tracked_tasks
from realtime.models import TaskRun


@transaction.atomic
def import_run_receive(
    *,
    content: bytes,
    file_name: str,
    campaign: Campaign | None,
    owner: User,
    reading: ReadOptions = AUTODETECT,
) -> ImportRun:
    """Stores and checks a file; a worker checks a long one.

    Raises UnreadableFile and then stores nothing.
    """
    run = runs.import_run_create(
        content=content,
        file_name=file_name,
        campaign=campaign,
        owner=owner,
        reading=reading,
        check_now=False,
    )
    return _checked_by_worker(run, owner)


@transaction.atomic
def import_run_reread(*, run: ImportRun, reading: ReadOptions, by: User) -> ImportRun:
    """Checks a stored file again with other options; a worker checks a long file.

    Raises as `import_run_change_options`.
    """
    return _checked_by_worker(
        runs.import_run_change_options(run=run, reading=reading, by=by, check_now=False), by
    )


def _checked_by_worker(run: ImportRun, by: User) -> ImportRun:
    if run.state == ImportRun.State.CHECKING:
        with translation.override(language_for(by)):
            title = _("Check %(file)s") % {"file": run.file_name}
            run.task = tracked_tasks.start(
                tasks.check_import, str(run.pk), title=title, owner=by, can_cancel=True
            )
        run.save(update_fields=["task"])
    return run


@transaction.atomic
def import_run_start(*, run: ImportRun, rows: str, by: User | None) -> TaskRun:
    """Starts the task that applies an import.

    Raises ImportRefused if nothing can be imported.
    """
    with translation.override(language_for(by)):
        task = tracked_tasks.start(
            tasks.apply_import,
            str(run.pk),
            title=title_of(run),
            owner=by,
            total=run.total,
            can_cancel=True,
        )
    runs.import_run_queue(run=run, rows=rows, task=task)
    return task


@transaction.atomic
def dry_run_record(*, run: ImportRun, by: User | None) -> TaskRun:
    """Creates a finished task run for a dry run that was checked within the request."""
    task = task_runs.task_run_create(
        name="import", title=title_of(run), owner=by, total=run.total, can_cancel=True
    )
    result = tasks.result_of(run)
    task_runs.mark_started(task)
    task_runs.mark_succeeded(
        task, message=result.message, errors=result.errors, result_url=result.url
    )
    return task


def title_of(run: ImportRun) -> str:
    return _("Import %(file)s") % {"file": run.file_name}


def language_for(owner: User | None) -> str:
    """Returns the owner's language, or the current one if they have not chosen."""
    chosen = PersonalSettings.objects.filter(user=owner).values_list("language", flat=True)
    return chosen.first() or translation.get_language() or settings.LANGUAGE_CODE
