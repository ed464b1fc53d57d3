"""The database backend. Django imports this module by the name of the package (ENGINE)."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from project.database.pool import ServerPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend, with a ServerPool."""

    _connection_pools: dict[str, ServerPool]
    _configure_connection: Any

    @property
    def pool(self) -> ServerPool | None:
        """The pool of this process for the alias; None without the option `pool`."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            self._connection_pools.setdefault(self.alias, self._new_pool(options))
        return self._connection_pools[self.alias]

    def _new_pool(self, options: dict[str, Any]) -> ServerPool:
        """Like Django's, whose property offers no way to choose the class."""
        return ServerPool(
            kwargs=self.get_connection_params() | {"autocommit": True},
            configure=self._configure_connection,
            open=False,
            **options,
        )
