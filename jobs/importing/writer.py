"""A plan to rows in the database, and back again. Both are one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction

from jobs import services
from jobs.importing.models import ImportRun
from jobs.importing.plan import Outcome, Plan
from jobs.models import Campaign

# Two imports at once take turns, or both would find the same person missing and enter him.
IMPORT_LOCK = 0x_494D_504F_5254  # "IMPORT"
ROWS_A_STEP = 2_000

Report = Callable[[int], None]  # told the number of rows done so far


@dataclass(slots=True)
class Written:
    """What an import changed: enough to take it back."""

    created: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)


def take_turn() -> None:
    """Wait for other imports; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


@transaction.atomic
def write(plan: Plan, *, campaign: Campaign | None, report: Report) -> Written:
    """Create the new, join new and known to the campaign.

    Raises IntegrityError if somebody in the plan was entered by hand after it was made.
    """
    written = Written()
    new = [row.values for row in plan.of(Outcome.NEW)]
    for start in range(0, len(new), ROWS_A_STEP):
        step = services.candidates_create(people=new[start : start + ROWS_A_STEP])  # type: ignore[arg-type]
        written.created += [candidate.pk for candidate in step]
        report(len(written.created))
    if campaign is not None:
        known = [row.known.id for row in plan.rows if row.known is not None]
        written.joined = services.candidates_join(
            candidates=[*written.created, *known], campaign=campaign
        )
    report(len(plan.rows))
    return written


@transaction.atomic
def take_back(run: ImportRun) -> int:
    """Remove the candidates this run created and the links it made; how many candidates are gone.

    Kept are those who have an application, or have joined another campaign since.
    """
    take_turn()
    if run.campaign is not None:
        services.candidates_leave(candidates=run.joined_candidates, campaign=run.campaign)
    return services.candidates_remove_unused(candidates=run.created_candidates)
