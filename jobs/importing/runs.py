"""An import from upload to result: the one path of page, API and command."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from jobs.importing import plan as planning
from jobs.importing import writer
from jobs.importing.known import known_people
from jobs.importing.models import ImportRun
from jobs.importing.plan import Outcome, Plan, Sheet
from jobs.models import Campaign
from jobs.querysets import CampaignQuerySet
from realtime.models import TaskRun

FINDINGS_KEPT = 200  # a person reads no more; the counts are complete
TRIES = 3  # somebody may enter a person of the file by hand while it is imported
UPLOADS_KEPT = timedelta(hours=24)


REFUSALS = {
    "expired": gettext_lazy("The file is no longer kept; please choose it again."),
    "no_valid_row": gettext_lazy("No row can be imported."),
    "bad_rows": gettext_lazy("Rows have problems, so nothing was imported, as you chose."),
    "not_checked": gettext_lazy("This import has been decided about already."),
    "not_applied": gettext_lazy("Only an import that was carried out can be taken back."),
}


class ImportRefused(Exception):
    """The import cannot be done in its present state."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(REFUSALS[self.code])


def only_open_campaign(campaigns: CampaignQuerySet) -> Campaign | None:
    """Where candidates go if nobody says: the only open one of these, or nowhere."""
    found = list(campaigns.filter(is_open=True)[:2])
    return found[0] if len(found) == 1 else None


def import_run_create(
    *, content: bytes, file_name: str, campaign: Campaign | None, owner: User | None
) -> ImportRun:
    """Check a file and keep it until somebody decides. Raises UnreadableFile and keeps nothing."""
    sheet = planning.read(content)
    run = ImportRun(
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        owner=owner,
    )
    _note(run, sheet, plan_of(sheet))
    run.upload.save(run.file_name, ContentFile(content), save=False)
    run.save()
    return run


def plan_of(sheet: Sheet) -> Plan:
    return planning.make_plan(sheet.people, known_people(sheet.people))


def _note(run: ImportRun, sheet: Sheet, plan: Plan) -> None:
    for outcome in Outcome:
        setattr(run, outcome.value, plan.counts[outcome.value])
    problems = [problem for row in plan.of(Outcome.BAD) for problem in row.problems]
    repeated = [row for row in plan.rows if row.outcome in (Outcome.KNOWN, Outcome.REPEATED)]
    run.findings = {
        "problems": [problem.as_json() for problem in problems[:FINDINGS_KEPT]],
        "problem_count": len(problems),
        "duplicates": [_duplicate(row) for row in repeated[:FINDINGS_KEPT]],
        "headings": sheet.layout.headings,
        "has_headings": sheet.layout.has_headings,
        "ignored": list(sheet.layout.ignored),
    }


def _duplicate(row: planning.PlannedRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "same_as": row.same_as,
        "candidate": row.known.id if row.known else None,
        "name_differs": row.name_differs,
    }


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


def _content(run: ImportRun) -> bytes:
    if not run.upload:
        raise ImportRefused("expired")
    with run.upload.open("rb") as stored:
        content: bytes = stored.read()
    return content


@transaction.atomic
def _apply(run: ImportRun, report: writer.Report) -> ImportRun:
    writer.take_turn()
    held = _held(run)
    if held.state not in (ImportRun.State.CHECKED, ImportRun.State.QUEUED):
        return held
    sheet = planning.read(_content(held))  # not earlier: whoever applied it took the file along
    plan = plan_of(sheet)
    _note(held, sheet, plan)
    refuse_hopeless(held)
    written = writer.write(plan, campaign=held.campaign, report=report)
    held.created_candidates, held.joined_candidates = written.created, written.joined
    held.state, held.applied_at = ImportRun.State.APPLIED, timezone.now()
    _drop_upload(held)
    held.save()
    return held


def _held(run: ImportRun) -> ImportRun:
    """The run as it is now, and nobody else's until the transaction ends."""
    runs = ImportRun.objects.select_related("campaign", "task", "owner")
    return runs.select_for_update(of=("self",)).get(pk=run.pk)


@transaction.atomic
def import_run_queue(*, run: ImportRun, rows: str, task: TaskRun) -> ImportRun:
    """The decision to import: a worker will do it. Raises ImportRefused if it makes no sense."""
    held = _held(run)
    if held.state != ImportRun.State.CHECKED:
        raise ImportRefused("not_checked")
    if not held.upload:
        raise ImportRefused("expired")
    held.rows, held.task, held.state = rows, task, ImportRun.State.QUEUED
    refuse_hopeless(held)
    held.save(update_fields=["rows", "task", "state"])
    return held


def refuse_hopeless(run: ImportRun) -> None:
    """Raise ImportRefused where the choice of rows leaves nothing to import."""
    if run.bad == run.total:
        raise ImportRefused("no_valid_row")
    if run.rows == ImportRun.Rows.ALL and run.bad:
        raise ImportRefused("bad_rows")


def _drop_upload(run: ImportRun) -> None:
    """Forget the file; the disk is cleaned only when the database has agreed."""
    if run.upload:
        storage, name = run.upload.storage, str(run.upload.name)
        transaction.on_commit(lambda: storage.delete(name))
        run.upload = ""


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
    _drop_upload(held)
    held.save(update_fields=["state", "message", "upload"])


@transaction.atomic
def import_run_discard(*, run: ImportRun) -> None:
    """Forget a file that was only checked. Raises ImportRefused for one that was decided about."""
    held = _held(run)
    if held.state != ImportRun.State.CHECKED:
        raise ImportRefused("not_checked")
    _drop_upload(held)
    held.delete()


@transaction.atomic
def uploads_expire() -> int:
    """Delete the files of checks that nobody decided about within a day."""
    old = ImportRun.objects.exclude(upload="").filter(
        created_at__lt=timezone.now() - UPLOADS_KEPT, state=ImportRun.State.CHECKED
    )
    runs = list(old.select_for_update(skip_locked=True, of=("self",)))
    for run in runs:
        _drop_upload(run)
        run.save(update_fields=["upload"])
    return len(runs)
