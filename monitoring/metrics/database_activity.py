"""The activity of PostgreSQL's processes: long statements, idle transactions, blocked processes.

Reads pg_stat_activity and pg_locks, never a table of the site, so it answers during any lock. Times
of other database roles are hidden from a role without `pg_read_all_stats`.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import connection

from monitoring.metrics.db_gauges import Reading
from monitoring.metrics.metrics import (
    DATABASE_BLOCKED,
    DATABASE_BLOCKING_SECONDS,
    DATABASE_IDLE_TRANSACTION_SECONDS,
    DATABASE_STATEMENT_SECONDS,
)

MAX_BLOCKERS = 5  # enough to act on; more would only be more series
SHORTEST_WAIT_SECONDS = 1  # waits below it are the normal traffic of row locks
NOT_PRINTABLE = re.compile(r"[^ -~]")

OLDEST_STATEMENT = """
    SELECT coalesce(extract(epoch FROM max(clock_timestamp() - query_start)), 0)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND state = 'active' AND backend_type = 'client backend'
"""
OLDEST_IDLE_TRANSACTION = """
    SELECT coalesce(extract(epoch FROM max(clock_timestamp() - state_change)), 0)
    FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""
BLOCKED = """
    SELECT count(DISTINCT pid) FROM pg_locks
    WHERE NOT granted AND clock_timestamp() - waitstart > make_interval(secs => %s)
"""
# A process that blocks others and waits for nobody; and one that holds a table exclusively, since
# processes with a lock timeout do not wait for long. Seconds: of its transaction if they are
# visible, otherwise of the longest wait.
BLOCKERS = """
    WITH waiting AS (
        SELECT pid, clock_timestamp() - waitstart AS waited,
               unnest(pg_blocking_pids(pid)) AS blocker
        FROM pg_locks
        WHERE NOT granted AND clock_timestamp() - waitstart > make_interval(secs => %s)
    ), holding AS (
        SELECT blocker AS pid, waited FROM waiting
        WHERE blocker NOT IN (SELECT pid FROM waiting)
        UNION ALL
        SELECT l.pid, NULL FROM pg_locks l
        JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_'
        JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
    )
    SELECT coalesce(a.application_name, ''), h.pid, greatest(
        extract(epoch FROM clock_timestamp() - min(a.xact_start)),
        extract(epoch FROM max(h.waited)), 0)
    FROM holding h LEFT JOIN pg_stat_activity a ON a.pid = h.pid
    GROUP BY 1, 2 ORDER BY 3 DESC LIMIT %s
"""


def connect() -> None:
    """Provide the values of the gauges. Called at start-up."""
    DATABASE_STATEMENT_SECONDS.set_reader(lambda: {(): float(_rows(OLDEST_STATEMENT)[0][0])})
    DATABASE_IDLE_TRANSACTION_SECONDS.set_reader(
        lambda: {(): float(_rows(OLDEST_IDLE_TRANSACTION)[0][0])}
    )
    DATABASE_BLOCKED.set_reader(lambda: {(): _rows(BLOCKED, SHORTEST_WAIT_SECONDS)[0][0]})
    DATABASE_BLOCKING_SECONDS.set_reader(blockers)


def blockers() -> Reading:
    """Return seconds by application name and process id of those that block others."""
    return {
        (NOT_PRINTABLE.sub("?", application), str(pid)): float(seconds)
        for application, pid, seconds in _rows(BLOCKERS, SHORTEST_WAIT_SECONDS, MAX_BLOCKERS)
    }


def _rows(statement: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
