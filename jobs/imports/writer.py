"""A plan to rows in the database, and back again. Both are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from jobs.candidates import services as candidate_services
from jobs.candidates.services import CampaignCandidate
from jobs.imports.models import ImportRun
from jobs.imports.plan import Outcome, PlannedRow
from jobs.models import Campaign, Candidate

# Two imports at once take turns, or both would find the same person missing and enter him.
IMPORT_LOCK = 0x_494D_504F_5254  # "IMPORT"

Report = Callable[[int], None]  # told the number of rows done so far


@dataclass(slots=True)
class ImportedCandidates:
    """What an import changed: enough to take it back."""

    created: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)


def lock_imports() -> None:
    """Wait for other imports; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


@transaction.atomic
def write(
    steps: Iterable[Sequence[PlannedRow]], *, campaign: Campaign | None, report: Report
) -> ImportedCandidates:
    """Create the new, join new and known to the campaign.

    Raises IntegrityError if somebody in the plan was entered by hand after it was made.
    """
    written, known, done = ImportedCandidates(), list[int](), 0
    for rows in steps:
        new = [row.values for row in rows if row.outcome == Outcome.NEW]
        created = candidate_services.candidates_create(people=new)  # type: ignore[arg-type]
        written.created += [candidate.pk for candidate in created]
        known += [row.known.id for row in rows if row.known is not None]
        done += len(rows)
        report(done)
    if campaign is not None:
        written.joined = candidate_services.candidates_join(
            candidates=[*written.created, *known], campaign=campaign
        )
    return written


@transaction.atomic
def revert(run: ImportRun) -> int:
    """Remove the candidates this run created and the links it made; how many candidates are gone.

    Kept are those who have an application, or have joined another campaign since.
    """
    lock_imports()
    if run.campaign is not None:
        candidate_services.candidates_leave(candidates=run.joined_candidates, campaign=run.campaign)
    return candidate_services.candidates_remove_unused(candidates=run.created_candidates)


@dataclass(frozen=True, slots=True)
class RevertForecast:
    """What taking an import back would do: how many candidates go, stay, and leave the campaign."""

    removed: int
    kept: int
    leaving: int


def outlook(run: ImportRun) -> RevertForecast:
    """What `revert` would do as things stand now."""
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
    )
