"""Who carries a run out holds its lease: an advisory lock of the very connection it works on.

PostgreSQL gives it back when that connection ends, however it ends; and work that lost its lease
has lost its transaction with it. So a message that comes twice is not worked on twice at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, connection


@contextmanager
def run_lock(run_id: UUID) -> Iterator[bool]:
    """Whether the run is ours for as long as the block lasts."""
    is_ours = _ask("SELECT pg_try_advisory_lock(%s)", run_id)
    try:
        yield is_ours
    finally:
        if is_ours:
            _give_back(run_id)


def _give_back(run_id: UUID) -> None:
    try:
        _ask("SELECT pg_advisory_unlock(%s)", run_id)
    except DatabaseError:
        connection.close()  # it ends with the connection, too


def _ask(question: str, run_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [int.from_bytes(run_id.bytes[:8], signed=True)])
        return bool(cursor.fetchone()[0])
