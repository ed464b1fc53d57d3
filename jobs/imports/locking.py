"""Locks an import run: a worker waits for the lock, a request is refused at once."""

from __future__ import annotations

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from jobs.imports.refusals import ImportRefused
from jobs.models.imports import ImportRun


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
