"""Finds out whether anything of the site still runs on the database that is to be replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from project.backups import BackupError
from realtime.background.heartbeats import SILENT_AFTER

# A session of another role shows neither its kind nor its address to a role without rights.
SESSIONS = """
    SELECT pid, usename, coalesce(nullif(application_name, ''), 'unnamed'),
        coalesce(host(client_addr), 'this machine')
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
        AND coalesce(backend_type, 'client backend') = 'client backend'
    ORDER BY pid
"""
HEARTBEATS = """
    SELECT process, name, extract(epoch FROM clock_timestamp() - seen_at)::int
    FROM realtime_heartbeat WHERE seen_at > clock_timestamp() - %s ORDER BY process, name
"""


def refuse_live_processes(session: psycopg.Connection) -> None:
    """Raises BackupError that names the processes and sessions, if there are any."""
    close_own_connections()
    running = [*_heartbeats(session), *_sessions(session)]
    if running:
        raise BackupError(
            "The site is still running on this database: "
            + "; ".join(running)
            + ". Stop web, relay, workers, beat and all other clients first."
        )


def close_own_connections() -> None:
    """Close the pool of this process, whose sessions would be found."""
    database = cast(DatabaseWrapper, connections["default"])
    database.close()
    database.close_pool()


def _heartbeats(session: psycopg.Connection) -> Iterator[str]:
    """The processes that were alive a moment ago. An empty database has none."""
    row = session.execute("SELECT to_regclass('realtime_heartbeat') IS NOT NULL").fetchone()
    if row == (True,):
        for process, name, seconds in session.execute(HEARTBEATS, [SILENT_AFTER]):
            yield f"{process} {name} (heartbeat {seconds} s ago)"


def _sessions(session: psycopg.Connection) -> Iterator[str]:
    for pid, user, application, address in session.execute(SESSIONS):
        yield f"session {pid} of {user} ({application}, from {address})"
