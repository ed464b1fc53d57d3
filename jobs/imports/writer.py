"""Writes a planned import to the database, and reverts it. Each is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import connection, transaction

from jobs.candidates import services as candidate_services
from jobs.candidates.services import CampaignCandidate, CandidateFields
from jobs.imports import filling
from jobs.imports.plan import Outcome, PlannedRow
from jobs.models import Campaign, Candidate
from jobs.models.imports import ImportRun

# Imports run one at a time; otherwise two of them could create the same candidate.
IMPORT_LOCK = 0x_494D_504F_5254  # "IMPORT"

OnProgress = Callable[[int], None]  # called with the number of rows done so far


@dataclass(slots=True)
class ImportedCandidates:
    """The ids of the candidates an import created, and of those it added to the campaign.

    `to_fill` has the values for empty fields of existing candidates.
    """

    created: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    to_fill: dict[int, CandidateFields] = field(default_factory=dict)


def lock_imports() -> None:
    """Waits until no other import runs. Locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


@transaction.atomic
def write(
    steps: Iterable[Sequence[PlannedRow]],
    *,
    campaign: Campaign | None,
    by: User | None = None,
    on_progress: OnProgress,
) -> ImportedCandidates:
    """Creates the new candidates, and adds new and existing ones to the campaign.

    Records of people known elsewhere are kept apart: their coordinators decide. Raises
    IntegrityError if a planned candidate was created by somebody else meanwhile.
    """
    imported, existing, done = ImportedCandidates(), list[int](), 0
    for rows in steps:
        imported.created += _create(rows, campaign, by)
        existing += [row.existing.id for row in rows if row.existing is not None]
        _collect_fills(imported.to_fill, rows)
        done += len(rows)
        on_progress(done)
    if campaign is not None:
        imported.joined = candidate_services.candidates_join(
            candidates=[*imported.created, *existing], campaign=campaign
        )
    return imported


def _collect_fills(to_fill: dict[int, CandidateFields], rows: Iterable[PlannedRow]) -> None:
    """Adds the values for empty fields of existing candidates, who are locked in id order later."""
    for row in rows:
        if row.existing is not None and row.fills:
            known = to_fill.setdefault(row.existing.id, CandidateFields())
            known.update(row.fills)  # type: ignore[typeddict-item]


def _create(rows: Sequence[PlannedRow], campaign: Campaign | None, by: User | None) -> list[int]:
    """Creates the new candidates of these rows, and returns their ids."""
    ids: list[int] = []
    for is_kept_apart in (False, True):
        new = [
            row.values
            for row in rows
            if row.outcome == Outcome.NEW and row.is_kept_apart == is_kept_apart
        ]
        if new:
            created = candidate_services.candidates_create(
                people=new,  # type: ignore[arg-type]
                is_kept_apart=is_kept_apart,
                campaign=campaign,
                by=by,
            )
            ids += [candidate.pk for candidate in created]
    return ids


@transaction.atomic
def revert(run: ImportRun) -> int:
    """Removes the candidates this run created, its campaign memberships and what it has filled.

    Keeps candidates who have an application or have joined another campaign since. Returns the
    number of candidates removed.
    """
    lock_imports()
    if run.campaign is not None:
        candidate_services.candidates_leave(candidates=run.joined_candidates, campaign=run.campaign)
    filling.undo(run)
    return candidate_services.candidates_remove_unused(candidates=run.created_candidates)


@dataclass(frozen=True, slots=True)
class RevertForecast:
    """Numbers of candidates that reverting an import would delete or keep."""

    removed: int
    kept: int
    leaving: int
    emptied: int  # at most: fields that somebody has changed since are kept


def revert_forecast(run: ImportRun) -> RevertForecast:
    """Returns what `revert` would do now."""
    created = Candidate.objects.filter(pk__in=run.created_candidates)
    elsewhere = CampaignCandidate.objects.exclude(campaign=run.campaign)
    unused = created.filter(applications=None).exclude(pk__in=elsewhere.values("candidate"))
    removed = unused.count()
    joined = Candidate.objects.filter(pk__in=run.joined_candidates)
    leaving = joined.exclude(applications__job__campaign=run.campaign).exclude(pk__in=unused)
    return RevertForecast(
        removed=removed,
        kept=created.count() - removed,
        leaving=leaving.count() if run.campaign else 0,
        emptied=run.filled.count(),
    )
