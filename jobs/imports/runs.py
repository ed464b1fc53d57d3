"""An import from upload to result: the one path of page, API and command."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from tempfile import TemporaryFile

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.imports import locking, writer
from jobs.imports import plan as planning
from jobs.imports.existing_candidates import find_existing_candidates
from jobs.imports.models import ImportRun
from jobs.imports.options import AUTODETECT, ReadOptions
from jobs.imports.plan import ImportFile, PlannedRow
from jobs.imports.problems import InvalidColumns
from jobs.imports.refusals import ImportRefused
from jobs.imports.rejected_rows import RejectedRows
from jobs.imports.report import ImportReport
from jobs.imports.uploads import content_of, drop_rejected, drop_upload, keep_rejected
from jobs.models import Campaign
from jobs.querysets import CampaignQuerySet
from monitoring.metrics.metrics import IMPORT_ROWS
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
    reading: ReadOptions = AUTODETECT,
    check_now: bool = True,
) -> ImportRun:
    """Check a file and keep it until somebody decides. Raises UnreadableFile and keeps nothing.

    A file with unknown columns is kept: `import_run_change_options` says what they mean.
    check_now: if not, a file that is too long for a request waits for `import_run_check`.
    """
    run = ImportRun(
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        owner=owner,
    )
    _check_or_leave(run, content, reading, check_now=check_now)
    run.upload.save(run.file_name, ContentFile(content), save=False)
    run.save()
    return run


@transaction.atomic
def import_run_change_options(
    *, run: ImportRun, reading: ReadOptions, check_now: bool = True
) -> ImportRun:
    """Check a kept file again, read as somebody chose; check_now: as for `import_run_create`.

    Raises ImportRefused for a run that was decided about, UnreadableFile or InvalidColumns if the
    file cannot be read that way; what was found before stays then.
    """
    held = locking.lock_run_nowait(run)
    _require_decidable(held)
    content, reading = content_of(held), held.read_options.merged_with(reading)
    if problems := planning.read(content, reading).layout.problems:
        raise InvalidColumns(problems)
    _check_or_leave(held, content, reading, check_now=check_now)
    held.save()
    return held


@transaction.atomic
def import_run_check(*, run: ImportRun, report: writer.Report = lambda done: None) -> ImportRun:
    """Go through a file that waits for it; for any other run nothing is done.

    Raises ImportRefused if the file is gone, UnreadableFile if it ends otherwise than it began.
    """
    held = locking.held(run)
    if held.state == ImportRun.State.CHECKING:
        _check(held, planning.read(content_of(held), held.read_options), report)
        held.state = ImportRun.State.CHECKED
        held.save()
    return held


def _check_or_leave(
    run: ImportRun, content: bytes, reading: ReadOptions, *, check_now: bool
) -> None:
    sheet = planning.read(content, reading)
    if check_now or sheet.layout.problems or not planning.is_long(content, reading):
        _check(run, sheet)
    else:
        drop_rejected(run)
        ImportReport(sheet).note(run)
        run.state = ImportRun.State.CHECKING


def _check(run: ImportRun, sheet: ImportFile, report: writer.Report = lambda done: None) -> None:
    with TemporaryFile() as file:
        findings, rejected, done = ImportReport(sheet), RejectedRows(sheet.layout, file), 0
        for rows in (
            [] if sheet.layout.problems else planning.plan_in_steps(sheet, find_existing_candidates)
        ):
            findings.add(rows)
            rejected.add(rows)
            done += len(rows)
            report(done)
        findings.note(run)
        keep_rejected(run, file)


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
    writer.lock_imports()
    held = locking.held(run)
    if held.state not in (ImportRun.State.CHECKED, ImportRun.State.QUEUED):
        return held
    # Not earlier: whoever applied it took the file along.
    sheet = planning.read(content_of(held), held.read_options)
    with TemporaryFile() as file:
        _write(held, sheet, RejectedRows(sheet.layout, file), report)
        held.state, held.applied_at = ImportRun.State.APPLIED, timezone.now()
        drop_upload(held)
        keep_rejected(held, file)
        held.save()
    transaction.on_commit(partial(_count, held), robust=True)
    return held


def _count(run: ImportRun) -> None:
    """A row that repeats another of its file is of somebody who is known by then."""
    numbers = {"written": run.new, "known": run.known + run.repeated, "rejected": run.bad}
    for outcome, number in numbers.items():
        IMPORT_ROWS.labels(outcome).inc(number)


def _write(
    run: ImportRun, sheet: ImportFile, rejected: RejectedRows, report: writer.Report
) -> None:
    findings = ImportReport(sheet)

    def steps() -> Iterator[list[PlannedRow]]:
        for rows in planning.plan_in_steps(sheet, find_existing_candidates):
            findings.add(rows)
            rejected.add(rows)
            yield rows

    written = writer.write(steps(), campaign=run.campaign, report=report)
    findings.note(run)
    refuse_if_nothing_to_import(run, run.rows)
    run.created_candidates, run.joined_candidates = written.created, written.joined


@transaction.atomic
def import_run_queue(*, run: ImportRun, rows: str, task: TaskRun) -> ImportRun:
    """The decision to import: a worker will do it. Raises ImportRefused if it makes no sense."""
    held = locking.lock_run_nowait(run)
    if not held.is_unchecked:
        _require_decidable(held)
        refuse_if_nothing_to_import(held, rows)
    held.rows, held.task, held.state = rows, task, ImportRun.State.QUEUED
    held.save(update_fields=["rows", "task", "state"])
    return held


def _require_checked(run: ImportRun) -> None:
    if run.state == ImportRun.State.CHECKING:
        raise ImportRefused("being_checked")
    if run.state != ImportRun.State.CHECKED:
        raise ImportRefused("not_checked")


def _require_decidable(run: ImportRun) -> None:
    _require_checked(run)
    if not run.upload:
        raise ImportRefused("expired")


def refuse_if_nothing_to_import(run: ImportRun, rows: str) -> None:
    """Raise ImportRefused where the choice of rows leaves nothing to import."""
    if run.column_problems:
        raise ImportRefused("columns")
    if run.bad == run.total:
        raise ImportRefused("no_valid_row")
    if rows == ImportRun.Rows.ALL and run.bad:
        raise ImportRefused("bad_rows")


@transaction.atomic
def import_run_revert(*, run: ImportRun) -> tuple[ImportRun, int]:
    """Take an import back; the run, and how many candidates were removed.

    Raises ImportRefused for a run that is not applied.
    """
    held = locking.lock_run_nowait(run)
    if held.state != ImportRun.State.APPLIED:
        raise ImportRefused("not_applied")
    removed = writer.revert(held)
    held.state, held.reverted_at = ImportRun.State.REVERTED, timezone.now()
    held.save(update_fields=["state", "reverted_at"])
    return held, removed


@transaction.atomic
def import_run_fail(*, run: ImportRun, message: str) -> None:
    """Remember why nothing was imported, and forget the file."""
    held = locking.held(run)
    if held.state == ImportRun.State.APPLIED:
        return
    held.state, held.message = ImportRun.State.FAILED, message[:300]
    drop_upload(held)
    drop_rejected(held)
    held.save(update_fields=["state", "message", "upload", "rejected"])


@transaction.atomic
def import_run_discard(*, run: ImportRun) -> None:
    """Forget a file that was only checked. Raises ImportRefused for one that was decided about."""
    held = locking.lock_run_nowait(run)
    _require_checked(held)
    drop_upload(held)
    drop_rejected(held)
    held.delete()
