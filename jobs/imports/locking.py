"""Locks an import run: a worker waits for the lock, a request is refused at once."""

from __future__ import annotations

from collections.abc import Collection

from django.db import OperationalError, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from psycopg.errors import LockNotAvailable

from jobs.imports.refusals import ImportRefused
from jobs.models.imports import FilledCandidate, ImportRun

IS_DUPLICATE = """
    EXISTS (
        SELECT FROM jsonb_array_elements("jobs_importrun"."findings"->'duplicates') duplicate
        WHERE (duplicate->>'candidate')::bigint = ANY(%s)
    )
"""


def lock_run(run: ImportRun) -> ImportRun:
    """Waits for the lock, and returns the current run. Locked until the transaction ends."""
    return _lock(run, nowait=False)


def lock_run_nowait(run: ImportRun) -> ImportRun:
    """Returns the locked run. Raises ImportRefused("busy") if somebody else has the lock."""
    try:
        return _lock(run, nowait=True)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise ImportRefused("busy") from None
        raise


def _lock(run: ImportRun, *, nowait: bool) -> ImportRun:
    runs = ImportRun.objects.select_related("campaign", "task", "owner")
    return runs.select_for_update(of=("self",), nowait=nowait).get(pk=run.pk)


def runs_with(candidates: Collection[int]) -> models.QuerySet[ImportRun]:
    """Returns the imports that had one of these candidates in a row."""
    ids = list(candidates)
    known = RawSQL(IS_DUPLICATE, [ids], output_field=models.BooleanField())  # noqa: S611 a constant
    found = Q(created_candidates__overlap=ids) | Q(joined_candidates__overlap=ids) | Q(known)
    found |= Q(pk__in=FilledCandidate.objects.filter(candidate__in=ids).values("run"))
    return ImportRun.objects.filter(found)


def lock_runs_with(candidates: Collection[int]) -> None:
    """Locks these imports until the transaction ends. Call it before candidates are locked.

    An import locks in this order too: its run, then candidates.
    """
    locked = runs_with(candidates).select_for_update(of=("self",))
    list(locked.order_by("pk").values_list("pk"))
