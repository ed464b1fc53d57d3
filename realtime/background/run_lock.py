"""Advisory lock that keeps two workers from executing the same run at the same time.

The lock belongs to the connection the task works on. PostgreSQL releases it when that connection
ends, however it ends, and a task that loses the lock has lost its transaction with it. So a message
that is delivered twice is never executed twice in parallel. Behind a pooler in transaction mode
(DATABASE_DIRECT_URL) the lock has a connection of its own.

A lease (`realtime.lease`) would be worse here: a run may take longer than any expiry without a
chance to renew it, and after the death of a worker its run would wait for the expiry.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, connection

from realtime import session_connection

LOCK = "SELECT pg_try_advisory_lock(%s)"
UNLOCK = "SELECT pg_advisory_unlock(%s)"


@contextmanager
def run_lock(run_id: UUID) -> Iterator[bool]:
    """Tries to lock the run for the duration of the block; yields whether that succeeded.

    Raises OperationalError if the database is unreachable.
    """
    lock = _by_own_connection if session_connection.has_direct_address() else _by_task_connection
    with lock(int.from_bytes(run_id.bytes[:8], signed=True)) as is_ours:
        yield is_ours


@contextmanager
def _by_task_connection(key: int) -> Iterator[bool]:
    is_ours = _query(LOCK, key)
    try:
        yield is_ours
    finally:
        if is_ours:
            _release(key)


@contextmanager
def _by_own_connection(key: int) -> Iterator[bool]:
    """Closing the connection releases the lock."""
    with connection.wrap_database_errors:
        owner = session_connection.connect()
    try:
        with connection.wrap_database_errors:
            found = owner.execute(LOCK, [key]).fetchone()
        yield bool(found and found[0])
    finally:
        owner.close()


def _release(key: int) -> None:
    try:
        _query(UNLOCK, key)
    except DatabaseError:
        connection.close()  # this releases the lock, too


def _query(statement: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        return bool(cursor.fetchone()[0])
