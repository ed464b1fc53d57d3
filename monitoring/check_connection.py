"""A database connection for one health check or scrape, with short timeouts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from monitoring.database_timeouts import CONNECT_SECONDS, TIMEOUTS
from monitoring.process_kind import ProcessKind

KIND: ProcessKind = "check"
LOCK_SECONDS = TIMEOUTS[KIND].lock
BRIEF_LOCK_SECONDS = 0.2  # once a lock is known, and for numbers and rows of the operations page


@contextmanager
def check_connection() -> Iterator[BaseDatabaseWrapper]:
    """Make this thread use a new connection outside of the pool, and close it at the end.

    Within another such block, go on with its connection.

    A check on a connection of the pool would wait with the pages: for a free connection, for a
    lock, or for a server that does not respond.
    """
    usual = connections[DEFAULT_DB_ALIAS]
    if usual.settings_dict.get("PROCESS_KIND") == KIND:
        yield usual
        return
    options = dict(usual.settings_dict["OPTIONS"])
    options.pop("pool", None)
    settings = usual.settings_dict | {
        "OPTIONS": options | {"connect_timeout": CONNECT_SECONDS},
        "PROCESS_KIND": KIND,
    }
    own = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield own
    finally:
        connections[DEFAULT_DB_ALIAS] = usual
        own.close()


@contextmanager
def check_transaction(
    server: BaseDatabaseWrapper, *, lock_seconds: float = LOCK_SECONDS
) -> Iterator[None]:
    """Run the statements of the block in a transaction with the time limits of checks.

    Through a pooler, a connection has no limits of its own.
    """
    with transaction.atomic(), server.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUTS[KIND].statement}s'")
        cursor.execute(f"SET LOCAL lock_timeout = '{lock_seconds * 1000:.0f}ms'")
        yield
