"""An import is changed by one at a time: a worker waits for its turn, a person is told."""

from __future__ import annotations

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from jobs.imports.models import ImportRun
from jobs.imports.refusals import ImportRefused


def held(run: ImportRun) -> ImportRun:
    """The run as it is now, and nobody else's until the transaction ends."""
    return _with(run, waits=True)


def lock_run_nowait(run: ImportRun) -> ImportRun:
    """The same for whoever cannot wait as long as a worker goes through a file.

    Raises ImportRefused if somebody is at it.
    """
    try:
        return _with(run, waits=False)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise ImportRefused("busy") from None
        raise


def _with(run: ImportRun, *, waits: bool) -> ImportRun:
    runs = ImportRun.objects.select_related("campaign", "task", "owner")
    return runs.select_for_update(of=("self",), nowait=not waits).get(pk=run.pk)
