"""Locks of migrations: a migration that waits for one must not stop the site.

While `ALTER TABLE` waits for a long transaction, every later query of the table waits behind it. So
`manage.py migrate` gives up a lock after a moment, rolls back and tries again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from psycopg import sql

from monitoring.database_timeouts import TIMEOUTS

RETRIED = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
CONCURRENT_INDEX = re.compile(
    r'(?P<verb>CREATE|DROP) (?:UNIQUE )?INDEX CONCURRENTLY (?:IF (?:NOT )?EXISTS )?"(?P<name>.+?)"'
)


def lacks_lock(error: OperationalError) -> bool:
    """Return True if a statement did not get its locks, so that another attempt may succeed."""
    return isinstance(error.__cause__, RETRIED)


@contextmanager
def bounded_lock_waits(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Let statements wait this long for a lock, with the other limits of migrations.

    Raises OperationalError, for which `lacks_lock` is true.
    """
    if connection.connection is None or connection.closed_in_transaction:
        connection.connect()  # also ends a transaction that a failed migration has left open
    limits = TIMEOUTS["migrate"].parameters() | {"lock_timeout": f"{seconds * 1000:.0f}ms"}
    before = _set(connection, limits | {"application_name": "recruit-migrate"})
    try:
        with connection.execute_wrapper(_wait_for_concurrent_index):
            yield
    except OperationalError as error:
        if lacks_lock(error):
            connection.close()
        raise
    _set(connection, before)


def _set(connection: BaseDatabaseWrapper, parameters: Mapping[str, str]) -> dict[str, str]:
    """Set parameters of the session; return their values from before."""
    before = {}
    with connection.cursor() as cursor:
        for name, value in parameters.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            before[name] = cursor.fetchone()[0]
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    return before


def _wait_for_concurrent_index(
    execute: Callable[..., Any], statement: str, params: Any, *many_and_context: Any
) -> Any:
    """Let a concurrent index wait for as long as it takes: nobody waits behind it.

    Before, drop what an interrupted attempt has left: an invalid index of the same name.
    """
    found = CONCURRENT_INDEX.match(str(statement))
    if found is None:
        return execute(statement, params, *many_and_context)
    session: psycopg.Connection = many_and_context[-1]["connection"].connection
    ((before,),) = session.execute("SHOW lock_timeout").fetchall()
    session.execute("SET lock_timeout = 0")
    try:
        if found["verb"] == "CREATE":
            _drop_invalid_index(session, found["name"])
        return execute(statement, params, *many_and_context)
    finally:
        if not session.closed:
            session.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _drop_invalid_index(session: psycopg.Connection, name: str) -> None:
    invalid = session.execute(
        "SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
        [f'"{name}"'],
    )
    if invalid.rowcount:
        session.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)))
