"""The steps of an import: create, check, apply, revert, discard.

The page, the API, the tasks and the management command all use these functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from tempfile import TemporaryFile

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.imports import filling, locking, plan, writer
from jobs.imports.existing_candidates import ExistingCandidates
from jobs.imports.learned_columns import learn_columns, learned_columns
from jobs.imports.options import AUTODETECT, ReadOptions
from jobs.imports.plan import ImportFile, PlannedRow
from jobs.imports.problems import InvalidColumns
from jobs.imports.refusals import ImportRefused
from jobs.imports.rejected_rows import RejectedRows
from jobs.imports.report import ImportReport
from jobs.imports.uploads import content_of, drop_rejected, drop_upload, keep_rejected
from jobs.models import Campaign
from jobs.models.campaigns import CampaignQuerySet
from jobs.models.imports import ImportRun
from monitoring.metrics.metrics import IMPORT_ROWS
from realtime.after_commit import call_after_commit
from realtime.models import TaskRun

ROWS = {outcome: IMPORT_ROWS.labels(outcome) for outcome in ("written", "known", "rejected")}
TRIES = 3  # a candidate of the file may be created by hand during the import


def only_open_campaign(campaigns: CampaignQuerySet) -> Campaign | None:
    """Returns the only open campaign of these as the default, or None."""
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
    has_all_rights: bool = False,
) -> ImportRun:
    """Checks a file and stores it until somebody applies or discards it.

    check_now       if False, a file too long for a request waits for `import_run_check`
    has_all_rights  recognises every candidate, as a management command does; otherwise those whom
                    the owner may import

    A file with unknown columns is stored too: `import_run_change_options` assigns them. Raises
    UnreadableFile and then stores nothing.
    """
    run = ImportRun(
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        owner=owner,
    )
    known = ExistingCandidates.of(run, has_all_rights=has_all_rights)
    _check_or_leave(run, content, reading, known, check_now=check_now)
    run.upload.save(run.file_name, ContentFile(content), save=False)
    run.save()
    return run


@transaction.atomic
def import_run_change_options(
    *, run: ImportRun, reading: ReadOptions, by: User, check_now: bool = True
) -> ImportRun:
    """Checks a stored file again with other options; `check_now` as in `import_run_create`.

    by  whose candidates are recognised: the uploader may see more than this person

    Raises ImportRefused if the run is no longer waiting for a decision, UnreadableFile or
    InvalidColumns if the file cannot be read with these options. The earlier result then stays.
    """
    locked = locking.lock_run_nowait(run)
    _require_decidable(locked)
    content, reading = content_of(locked), locked.read_options.merged_with(reading)
    learned = learned_columns(locked.campaign)
    if problems := plan.open_file(content, reading, learned).layout.problems:
        raise InvalidColumns(problems)
    known = ExistingCandidates(by=by, campaign=locked.campaign)
    _check_or_leave(locked, content, reading, known, check_now=check_now)
    locked.save()
    return locked


@transaction.atomic
def import_run_check(
    *, run: ImportRun, on_progress: writer.OnProgress = lambda done: None
) -> ImportRun:
    """Checks a file that waits in state `checking`; does nothing in any other state.

    Raises ImportRefused if the file is gone, UnreadableFile if it is damaged further down.
    """
    locked = locking.lock_run(run)
    if locked.state == ImportRun.State.CHECKING:
        file = plan.open_file(content_of(locked), locked.read_options)
        _check(locked, file, ExistingCandidates.of(locked), on_progress)
        locked.state = ImportRun.State.CHECKED
        locked.save()
    return locked


def _check_or_leave(
    run: ImportRun,
    content: bytes,
    reading: ReadOptions,
    known: ExistingCandidates,
    *,
    check_now: bool,
) -> None:
    file = plan.open_file(content, reading, learned_columns(run.campaign))
    if check_now or file.layout.problems or not plan.is_long(content, file.reading):
        _check(run, file, known)
    else:
        drop_rejected(run)
        ImportReport(file).write_to(run)
        run.state = ImportRun.State.CHECKING


def _check(
    run: ImportRun,
    file: ImportFile,
    known: ExistingCandidates,
    on_progress: writer.OnProgress = lambda done: None,
) -> None:
    with TemporaryFile() as output:
        report, rejected, done = ImportReport(file), RejectedRows(file.layout, output), 0
        for rows in [] if file.layout.problems else plan.plan_in_steps(file, known):
            report.add(rows)
            rejected.add(rows)
            done += len(rows)
            on_progress(done)
        report.write_to(run)
        run.findings["joining"] = _joining(run, report.existing)
        keep_rejected(run, output)


def _joining(run: ImportRun, existing: Collection[int]) -> int:
    """Counts the existing candidates who are not in the campaign yet."""
    if run.campaign is None:
        return 0
    return len(existing) - run.campaign.candidates.filter(pk__in=existing).count()


def import_run_apply(
    *,
    run: ImportRun,
    on_progress: writer.OnProgress = lambda done: None,
    has_all_rights: bool = False,
) -> ImportRun:
    """Plans the file again with the current candidates and writes it, all or nothing.

    has_all_rights  touches every candidate, as a management command does; otherwise those whom the
                    person who started it may touch

    Applying a run again changes nothing. Raises ImportRefused if no row may be imported.
    """
    for attempt in range(1, TRIES + 1):
        try:
            applied = _apply(run, on_progress, has_all_rights=has_all_rights)
        except IntegrityError:
            if attempt == TRIES:
                raise
        else:
            break
    return applied


@transaction.atomic
def _apply(run: ImportRun, on_progress: writer.OnProgress, *, has_all_rights: bool) -> ImportRun:
    writer.lock_imports()
    locked = locking.lock_run(run)
    if locked.state not in (ImportRun.State.CHECKED, ImportRun.State.QUEUED):
        return locked
    # Read only now: if another worker has applied the run, the file is gone.
    file = plan.open_file(content_of(locked), locked.read_options)
    known = ExistingCandidates.of(locked, has_all_rights=has_all_rights)
    with TemporaryFile() as output:
        _write(locked, file, known, RejectedRows(file.layout, output), on_progress)
        locked.state, locked.applied_at = ImportRun.State.APPLIED, timezone.now()
        drop_upload(locked)
        keep_rejected(locked, output)
        locked.save()
    learn_columns(campaign=locked.campaign, layout=file.layout)
    call_after_commit(_count, locked)
    return locked


def _count(run: ImportRun) -> None:
    """Counts repeated rows as known: the candidate exists by then."""
    numbers = {"written": run.new, "known": run.known + run.repeated, "rejected": run.bad}
    for outcome, number in numbers.items():
        ROWS[outcome].inc(number)


def _write(
    run: ImportRun,
    file: ImportFile,
    known: ExistingCandidates,
    rejected: RejectedRows,
    on_progress: writer.OnProgress,
) -> None:
    report = ImportReport(file)

    def steps() -> Iterator[list[PlannedRow]]:
        for rows in plan.plan_in_steps(file, known):
            report.add(rows)
            rejected.add(rows)
            yield rows

    written = writer.write(steps(), campaign=run.campaign, by=known.person, on_progress=on_progress)
    report.write_to(run)
    refuse_if_nothing_to_import(run, run.rows)
    run.created_candidates, run.joined_candidates = written.created, written.joined
    filling.fill(run, written.to_fill)


@transaction.atomic
def import_run_queue(*, run: ImportRun, rows: str, task: TaskRun) -> ImportRun:
    """Records the decision to import and the task that will do it.

    Raises ImportRefused if nothing can be imported.
    """
    locked = locking.lock_run_nowait(run)
    if not locked.is_unchecked:
        _require_decidable(locked)
        refuse_if_nothing_to_import(locked, rows)
    locked.rows, locked.task, locked.state = rows, task, ImportRun.State.QUEUED
    locked.save(update_fields=["rows", "task", "state"])
    return locked


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
    """Raises ImportRefused if the choice of rows leaves nothing to import."""
    if run.column_problems:
        raise ImportRefused("columns")
    if run.bad == run.total:
        raise ImportRefused("no_valid_row")
    if rows == ImportRun.Rows.ALL and run.bad:
        raise ImportRefused("bad_rows")


@transaction.atomic
def import_run_revert(*, run: ImportRun) -> tuple[ImportRun, int]:
    """Reverts an import. Returns the run and the number of candidates removed.

    Raises ImportRefused if the run is not applied.
    """
    locked = locking.lock_run_nowait(run)
    if locked.state != ImportRun.State.APPLIED:
        raise ImportRefused("not_applied")
    removed = writer.revert(locked)
    locked.state, locked.reverted_at = ImportRun.State.REVERTED, timezone.now()
    locked.save(update_fields=["state", "reverted_at"])
    return locked, removed


@transaction.atomic
def import_run_fail(*, run: ImportRun, message: str) -> None:
    """Marks the run as failed with this message, and deletes its files."""
    locked = locking.lock_run(run)
    if locked.state == ImportRun.State.APPLIED:
        return
    locked.state, locked.message = ImportRun.State.FAILED, message[:300]
    drop_upload(locked)
    drop_rejected(locked)
    locked.save(update_fields=["state", "message", "upload", "rejected"])


@transaction.atomic
def import_run_discard(*, run: ImportRun) -> None:
    """Deletes a run that was only checked, with its files. Raises ImportRefused for any other."""
    locked = locking.lock_run_nowait(run)
    _require_checked(locked)
    drop_upload(locked)
    drop_rejected(locked)
    locked.delete()
