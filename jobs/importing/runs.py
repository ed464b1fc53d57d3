"""An import from upload to result: the one path of page, API and command."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from django.contrib.auth.models import User
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.importing import plan as planning
from jobs.importing import writer
from jobs.importing.findings import Findings
from jobs.importing.known import who_is_known
from jobs.importing.models import ImportRun
from jobs.importing.plan import PlannedRow, Sheet
from jobs.importing.problems import UnfitColumns
from jobs.importing.reading import GUESS, Reading
from jobs.importing.refusals import ImportRefused
from jobs.importing.rejected import RejectedRows
from jobs.importing.uploads import content_of, drop_upload
from jobs.models import Campaign
from jobs.querysets import CampaignQuerySet
from monitoring.metrics import IMPORT_ROWS
from realtime.models import TaskRun

TRIES = 3  # somebody may enter a person of the file by hand while it is imported


def only_open_campaign(campaigns: CampaignQuerySet) -> Campaign | None:
    """Where candidates go if nobody says: the only open one of these, or nowhere."""
    found = list(campaigns.filter(is_open=True)[:2])
    return found[0] if len(found) == 1 else None


def import_run_create(
    *,
    content: bytes,
    file_name: str,
    campaign: Campaign | None,
    owner: User | None,
    reading: Reading = GUESS,
) -> ImportRun:
    """Check a file and keep it until somebody decides. Raises UnreadableFile and keeps nothing.

    A file whose columns nobody understands is kept: `import_run_read_anew` says what they mean.
    """
    run = ImportRun(
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        owner=owner,
    )
    _check(run, planning.read(content, reading))
    run.upload.save(run.file_name, ContentFile(content), save=False)
    run.save()
    return run


@transaction.atomic
def import_run_read_anew(*, run: ImportRun, reading: Reading) -> ImportRun:
    """Check a kept file again, read as somebody chose.

    Raises ImportRefused for a run that was decided about, UnreadableFile or UnfitColumns if the
    file cannot be read that way; what was found before stays then.
    """
    held = _held(run)
    _refuse_undecidable(held)
    sheet = planning.read(content_of(held), held.how_it_is_read.changed_to(reading))
    if sheet.layout.problems:
        raise UnfitColumns(sheet.layout.problems)
    _check(held, sheet)
    held.save()
    return held


def _check(run: ImportRun, sheet: Sheet) -> None:
    findings = Findings(sheet)
    if not sheet.layout.problems:
        for rows in planning.plan_in_steps(sheet, who_is_known):
            findings.add(rows)
    findings.note(run)


def import_run_apply(*, run: ImportRun, report: writer.Report = lambda done: None) -> ImportRun:
    """Do what the check promised, with what is known by now. All of it or nothing is written.

    Applying a run again changes nothing. Raises ImportRefused if no row may be imported.
    """
    for attempt in range(1, TRIES + 1):
        try:
            applied = _apply(run, report)
        except IntegrityError:
            if attempt == TRIES:
                raise
        else:
            break
    return applied


@transaction.atomic
def _apply(run: ImportRun, report: writer.Report) -> ImportRun:
    writer.take_turn()
    held = _held(run)
    if held.state not in (ImportRun.State.CHECKED, ImportRun.State.QUEUED):
        return held
    # Not earlier: whoever applied it took the file along.
    sheet = planning.read(content_of(held), held.how_it_is_read)
    with TemporaryFile() as file:
        _write(held, sheet, RejectedRows(sheet.layout, file), report)
        held.state, held.applied_at = ImportRun.State.APPLIED, timezone.now()
        _drop_upload_and_keep(held, file)
        held.save()
    transaction.on_commit(partial(_count, held), robust=True)
    return held


def _count(run: ImportRun) -> None:
    """A row that repeats another of its file is of somebody who is known by then."""
    numbers = {"written": run.new, "known": run.known + run.repeated, "rejected": run.bad}
    for outcome, number in numbers.items():
        IMPORT_ROWS.labels(outcome).inc(number)


def _write(run: ImportRun, sheet: Sheet, rejected: RejectedRows, report: writer.Report) -> None:
    findings = Findings(sheet)

    def steps() -> Iterator[list[PlannedRow]]:
        for rows in planning.plan_in_steps(sheet, who_is_known):
            findings.add(rows)
            rejected.add(rows)
            yield rows

    written = writer.write(steps(), campaign=run.campaign, report=report)
    findings.note(run)
    refuse_hopeless(run)
    run.created_candidates, run.joined_candidates = written.created, written.joined


def _drop_upload_and_keep(run: ImportRun, rejected: IO[bytes]) -> None:
    drop_upload(run)
    if run.bad:
        rejected.seek(0)
        run.rejected.save("rejected.csv", File(rejected), save=False)


def _held(run: ImportRun) -> ImportRun:
    """The run as it is now, and nobody else's until the transaction ends."""
    runs = ImportRun.objects.select_related("campaign", "task", "owner")
    return runs.select_for_update(of=("self",)).get(pk=run.pk)


@transaction.atomic
def import_run_queue(*, run: ImportRun, rows: str, task: TaskRun) -> ImportRun:
    """The decision to import: a worker will do it. Raises ImportRefused if it makes no sense."""
    held = _held(run)
    _refuse_undecidable(held)
    held.rows, held.task, held.state = rows, task, ImportRun.State.QUEUED
    refuse_hopeless(held)
    held.save(update_fields=["rows", "task", "state"])
    return held


def _refuse_undecidable(run: ImportRun) -> None:
    if run.state != ImportRun.State.CHECKED:
        raise ImportRefused("not_checked")
    if not run.upload:
        raise ImportRefused("expired")


def refuse_hopeless(run: ImportRun) -> None:
    """Raise ImportRefused where the choice of rows leaves nothing to import."""
    if run.column_problems:
        raise ImportRefused("columns")
    if run.bad == run.total:
        raise ImportRefused("no_valid_row")
    if run.rows == ImportRun.Rows.ALL and run.bad:
        raise ImportRefused("bad_rows")


@transaction.atomic
def import_run_revert(*, run: ImportRun) -> tuple[ImportRun, int]:
    """Take an import back; the run, and how many candidates were removed.

    Raises ImportRefused for a run that is not applied.
    """
    held = _held(run)
    if held.state != ImportRun.State.APPLIED:
        raise ImportRefused("not_applied")
    removed = writer.take_back(held)
    held.state, held.reverted_at = ImportRun.State.REVERTED, timezone.now()
    held.save(update_fields=["state", "reverted_at"])
    return held, removed


@transaction.atomic
def import_run_fail(*, run: ImportRun, message: str) -> None:
    """Remember why nothing was imported, and forget the file."""
    held = _held(run)
    if held.state == ImportRun.State.APPLIED:
        return
    held.state, held.message = ImportRun.State.FAILED, message[:300]
    drop_upload(held)
    held.save(update_fields=["state", "message", "upload"])


@transaction.atomic
def import_run_discard(*, run: ImportRun) -> None:
    """Forget a file that was only checked. Raises ImportRefused for one that was decided about."""
    held = _held(run)
    if held.state != ImportRun.State.CHECKED:
        raise ImportRefused("not_checked")
    drop_upload(held)
    held.delete()
