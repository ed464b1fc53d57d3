"""A database connection for one health check or scrape, with short timeouts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

CONNECT_SECONDS = 2


@contextmanager
def check_connection() -> Iterator[BaseDatabaseWrapper]:
    """Make this thread use a new connection outside of the pool, and close it at the end.

    A check on a connection of the pool would wait with the pages: for a free connection, for a
    lock, or for a server that does not respond.
    """
    usual = connections[DEFAULT_DB_ALIAS]
    options = dict(usual.settings_dict["OPTIONS"])
    options.pop("pool", None)
    settings = usual.settings_dict | {
        "OPTIONS": options | {"connect_timeout": CONNECT_SECONDS},
        "PROCESS_KIND": "check",
    }
    own = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield own
    finally:
        connections[DEFAULT_DB_ALIAS] = usual
        own.close()
