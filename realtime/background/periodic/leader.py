"""Leader election: one process at a time holds a lease, a row with an expiry. See decision 0008.

Not an advisory lock: PostgreSQL releases that when the connection ends, and the connection of a
process that hangs does not end. A lease expires by itself.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid

from django.db import InterfaceError, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)

TAKE = """
INSERT INTO realtime_lease (name, holder, expires_at)
VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
WHERE realtime_lease.holder = EXCLUDED.holder OR realtime_lease.expires_at < clock_timestamp()
"""
RELEASE = "DELETE FROM realtime_lease WHERE name = %(name)s AND holder = %(holder)s"
RENEWALS = 3  # per lease duration, so that two may fail


class LeaderLease:
    """Takes and renews a named lease for this process. Only the database's clock counts."""

    def __init__(self, name: str, *, seconds: float) -> None:
        self.renew_seconds = seconds / RENEWALS
        self._values: dict[str, str | float] = {
            "name": name,
            "holder": this_process(),
            "seconds": seconds,
        }
        self._is_held = False
        self._renewed_at = 0.0

    def is_held(self) -> bool:
        """Whether this process holds the lease. Takes it if it is free, renews it if that is due.

        False while the database is unreachable. The answer is cached for `renew_seconds` only, so
        a process that was suspended learns that another one has taken over.
        """
        if self._is_held and time.monotonic() - self._renewed_at < self.renew_seconds:
            return True
        self._renewed_at = time.monotonic()  # before the query: the lease starts no earlier
        self._is_held = self._execute(TAKE)
        return self._is_held

    def release(self) -> None:
        """Releases the lease, so that another process can take over at once."""
        if self._is_held:
            self._execute(RELEASE)
            self._is_held = False

    def _execute(self, statement: str) -> bool:
        try:
            close_old_connections()
            with connection.cursor() as cursor:
                cursor.execute(statement, self._values)
                return bool(cursor.rowcount == 1)
        except (OperationalError, InterfaceError):
            logger.warning("Could not take or renew the lease", extra=LOST)
            connection.close()
            return False


LOST = {"action": "lease_unknown"}


def this_process() -> str:
    """A unique name of this process; a later process may have the same host and process id."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
