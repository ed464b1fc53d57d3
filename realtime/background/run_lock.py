"""Advisory lock that keeps two workers from executing the same run at the same time.

The lock belongs to the connection the task works on. PostgreSQL releases it when that connection
ends, however it ends, and a task that loses the lock has lost its transaction with it. So a message
that is delivered twice is never executed twice in parallel.

A lease (`realtime.lease`) would be worse here: a run may take longer than any expiry without a
chance to renew it, and after the death of a worker its run would wait for the expiry.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, connection


@contextmanager
def run_lock(run_id: UUID) -> Iterator[bool]:
    """Tries to lock the run for the duration of the block; yields whether that succeeded."""
    is_ours = _query("SELECT pg_try_advisory_lock(%s)", run_id)
    try:
        yield is_ours
    finally:
        if is_ours:
            _release(run_id)


def _release(run_id: UUID) -> None:
    try:
        _query("SELECT pg_advisory_unlock(%s)", run_id)
    except DatabaseError:
        connection.close()  # this releases the lock, too


def _query(statement: str, run_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [int.from_bytes(run_id.bytes[:8], signed=True)])
        return bool(cursor.fetchone()[0])
