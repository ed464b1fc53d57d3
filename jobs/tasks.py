"""Work that Celery does for this app."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.exports.exports import write_export
from jobs.imports import plan as planning
from jobs.imports import runs, uploads
from jobs.imports.models import ImportRun
from jobs.imports.problems import UnfitColumns, UnreadableFile
from jobs.imports.refusals import ImportRefused
from jobs.privacy.anonymisation import anonymisation_carry_out, anonymisation_list
from realtime.background.periodic.models import ScheduledRun
from realtime.background.periodic.runs import scheduled
from realtime.background.tracked_task import Refused, Result, Work, watched

logger = logging.getLogger(__name__)


@watched(name="import", queue="bulk")
def check_import(work: Work, run_id: str) -> Result:
    """Go through a file that is too long for a request."""
    run = ImportRun.objects.get(pk=run_id)
    work.step(0, _("Reading the file"))
    try:
        work.expect(_rows_of(run))
        run = runs.import_run_check(run=run, report=lambda done: work.step(done, _("Checking")))
    except (ImportRefused, UnreadableFile) as refused:
        raise Refused(refused) from refused
    return result_of(run)


@watched(name="import", queue="bulk")
def apply_import(work: Work, run_id: str) -> Result:
    """Carry out an import somebody decided on: all of it or nothing."""
    run = ImportRun.objects.get(pk=run_id)
    work.step(0, _("Reading the file"))
    try:
        if not run.total:  # nobody has gone through it yet
            work.expect(_rows_of(run))
        run = runs.import_run_apply(run=run, report=lambda done: work.step(done, _("Saving")))
    except (ImportRefused, UnfitColumns, UnreadableFile) as refused:
        raise Refused(refused, errors=run.bad) from refused
    logger.info("An import is done", extra={"action": "import_done", "import_id": str(run.pk)})
    return result_of(run)


@watched(name="export", queue="bulk")
def export(work: Work, what: str, file_format: str, filters: dict[str, Any]) -> Result:
    """A list as a file, for its owner."""
    return write_export(work, what, file_format, filters)


def _rows_of(run: ImportRun) -> int:
    return planning.number_of_rows(uploads.content_of(run), run.how_it_is_read)


def result_of(run: ImportRun) -> Result:
    return Result(message=summary_of(run), errors=run.bad, url=reverse("import", args=[run.pk]))


def summary_of(run: ImportRun) -> str:
    """The counts in one line."""
    return _("%(new)s new, %(known)s known, %(repeated)s repeated, %(bad)s with problems") % {
        "new": run.new,
        "known": run.known,
        "repeated": run.repeated,
        "bad": run.bad,
    }


@scheduled
def list_anonymisation(run: ScheduledRun) -> None:
    """List who is due; anonymise them only where the settings say so."""
    due = anonymisation_list(now=run.scheduled_for)
    if settings.ANONYMISE_AUTOMATICALLY:
        anonymisation_carry_out(listed=due)


@scheduled
def expire_uploads(run: ScheduledRun) -> None:
    """Delete uploaded files that nobody decided about."""
    uploads.uploads_expire()
