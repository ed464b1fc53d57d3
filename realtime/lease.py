"""Leases: one process at a time does some work. Beat uses one, and each DingTalk robot.

A lease is a row of `realtime_lease` with an expiry on the database's clock, so it ends by itself
when its holder dies or hangs. See decision 0008, and `background.run_lock` for the other case: a
lock that must not outlive the connection of the work.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid

from django.db import InterfaceError, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)

ACQUIRE = """
INSERT INTO realtime_lease (name, holder, expires_at)
VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
WHERE realtime_lease.holder = EXCLUDED.holder OR realtime_lease.expires_at < clock_timestamp()
"""
RENEW = """
UPDATE realtime_lease SET expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE name = %(name)s AND holder = %(holder)s
"""
RELEASE = "DELETE FROM realtime_lease WHERE name = %(name)s AND holder = %(holder)s"
RENEWALS = 3  # per lease duration, so that two may fail


class Lease:
    """A named lease, of which at most one object in all processes is the holder.

    All methods return False while the database is unreachable. Call them outside transactions:
    other processes see a change of the row only when it is committed.

    name     at most 40 characters
    seconds  until a lease that is not renewed expires
    holder   the name of this object: host, process ID and a random part
    """

    def __init__(self, name: str, *, seconds: float) -> None:
        self.holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.renew_seconds = seconds / RENEWALS
        self._values: dict[str, str | float] = {
            "name": name,
            "holder": self.holder,
            "seconds": seconds,
        }
        self._is_held = False
        self._renewed_at = 0.0

    def acquire(self) -> bool:
        """Takes the lease if it is free or expired, or renews it. Returns whether it is held."""
        return self._hold(ACQUIRE)

    def renew(self) -> bool:
        """Extends the lease by its full duration. Returns False if another holder has taken it."""
        return self._hold(RENEW)

    def is_held(self) -> bool:
        """Whether this object holds the lease; renews it if that is due.

        The answer is cached for `renew_seconds` only, so a process that was suspended learns that
        another one has taken over.
        """
        if self._is_held and time.monotonic() - self._renewed_at >= self.renew_seconds:
            return self.renew()
        return self._is_held

    def release(self) -> None:
        """Releases the lease, so that another process can take it at once."""
        if self._is_held:
            self._execute(RELEASE)
            self._is_held = False

    def _hold(self, statement: str) -> bool:
        self._renewed_at = time.monotonic()  # before the query: the lease starts no earlier
        self._is_held = self._execute(statement)
        return self._is_held

    def _execute(self, statement: str) -> bool:
        try:
            if not connection.in_atomic_block:  # closing would end the caller's transaction
                close_old_connections()
            with connection.cursor() as cursor:
                cursor.execute(statement, self._values)
                return bool(cursor.rowcount == 1)
        except (OperationalError, InterfaceError):
            logger.warning(
                "Could not take or renew the lease %s",
                self._values["name"],
                extra={"action": "lease_unknown"},
            )
            connection.close()
            return False
