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

from monitoring import process_kind

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


def connect(**parameters: Any) -> psycopg.Connection:
    """Return a new connection in autocommit mode.

    parameters: further ones, such as `connect_timeout`. Raises psycopg.OperationalError.
    """
    return psycopg.connect(**connection_parameters() | parameters, autocommit=True)
