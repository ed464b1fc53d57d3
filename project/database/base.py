"""The database backend. Django imports this module by the name of the package (ENGINE)."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader

from monitoring import database_timeouts, process_kind
from project.database.pool import ServerPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend, with a ServerPool."""

    _connection_pools: dict[str, ServerPool]

    @property
    def queries_logged(self) -> bool:
        """Whether to keep the text of each statement: only where somebody asks, as tests do.

        With DEBUG, Django would keep the last 9000 in every process that serves no requests, and
        format each of them.
        """
        return bool(self.force_debug_cursor)

    @property
    def pool(self) -> ServerPool | None:
        """The pool of this process for the alias; None without the option `pool`."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            self._connection_pools.setdefault(self.alias, self._new_pool(options))
        return self._connection_pools[self.alias]

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that reads times with psycopg's compiled loader.

        Django's own, which sets the time zone of each value in Python, takes a sixth of the time of
        reading a large board. The compiled one uses the session's time zone, which Django has set.
        """
        cursor = super().create_cursor(name)
        if self.timezone is UTC:
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor

    def _configure_connection(self, connection: psycopg.Connection) -> bool:
        """Called by Django for each new connection, pooled or not. Returns whether to commit.

        Through a pooler in transaction mode, a session is not this connection's: its timeouts are
        those of the database role.
        """
        commit: bool = super()._configure_connection(connection)  # type: ignore[misc]
        if settings.DATABASE_DIRECT is not None:
            return commit
        kind = self.settings_dict.get("PROCESS_KIND") or process_kind.current()
        given = self.settings_dict["OPTIONS"].get("options", "")
        database_timeouts.apply(connection, kind, given=given)
        return True

    def _new_pool(self, options: dict[str, Any]) -> ServerPool:
        """Like Django's, whose property offers no way to choose the class."""
        return ServerPool(
            kwargs=self.get_connection_params() | {"autocommit": True},
            configure=self._configure_connection,
            open=False,
            **options,
        )
