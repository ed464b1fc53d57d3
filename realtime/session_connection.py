"""Connections whose session stays with them: for LISTEN and for locks that outlive a transaction.

A pooler in transaction mode gives each transaction another session, so these connections go to
DATABASE_DIRECT_URL if it is set. They use every parameter that the address has.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from monitoring import database_timeouts, process_kind
from monitoring.process_kind import ProcessKind

# Django's own, for the connections of its ORM. Everything else is a parameter of libpq.
DJANGO_PARAMETERS = {"context", "cursor_factory", "prepare_threshold"}


def has_direct_address() -> bool:
    """Return whether DATABASE_DIRECT_URL is set, so that DATABASE_URL may be a pooler."""
    return settings.DATABASE_DIRECT is not None


def connection_parameters() -> dict[str, Any]:
    """Return the keyword arguments of `psycopg.connect`, synchronous or asynchronous."""
    server: Any = connection
    if settings.DATABASE_DIRECT is not None:
        server = DatabaseWrapper(connection.settings_dict | settings.DATABASE_DIRECT, "direct")
    # Shown in pg_stat_activity. A fallback: pg_dump and psql, which get these too, have their own.
    name = {"fallback_application_name": f"recruit-{process_kind.current()}"}
    parameters = name | server.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in DJANGO_PARAMETERS}


def connect(kind: ProcessKind | None = None, **parameters: Any) -> psycopg.Connection:
    """Return a new connection in autocommit mode, with the time limits of this process.

    kind: whose limits and name it gets instead. parameters: further ones, such as
    `connect_timeout`. Raises psycopg.OperationalError.
    """
    used = connection_parameters() | parameters
    session = psycopg.connect(**used, autocommit=True)
    try:
        given = used.get("options", "")
        database_timeouts.apply(session, kind or process_kind.current(), given=given)
    except psycopg.Error:
        session.close()
        raise
    return session
