"""One process at a time. A row with an expiry says who; see decision 0008.

Not an advisory lock: PostgreSQL gives that back when a connection ends, and that of a process which
hangs does not end. A lease ends by itself.
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
GIVE_BACK = "DELETE FROM realtime_lease WHERE name = %(name)s AND holder = %(holder)s"
RENEWALS = 3  # in the time of one lease: two may be lost


class LeaderLease:
    """This process's part in a lease of so many seconds. Only the database's clock counts."""

    def __init__(self, name: str, *, seconds: float) -> None:
        self.renew_seconds = seconds / RENEWALS
        self._values: dict[str, str | float] = {
            "name": name,
            "holder": this_process(),
            "seconds": seconds,
        }
        self._holds = False
        self._renewed_at = 0.0

    def is_held(self) -> bool:
        """Whether it is ours: renewed if it is time, taken if it is free.

        Without the database nobody holds it. After a pause the answer is asked for anew, so whoever
        was stopped and goes on learns that another has taken over.
        """
        if self._holds and time.monotonic() - self._renewed_at < self.renew_seconds:
            return True
        self._renewed_at = time.monotonic()  # before the question: it lasts from then at least
        self._holds = self._ask(TAKE)
        return self._holds

    def release(self) -> None:
        """Let the next one take over at once."""
        if self._holds:
            self._ask(GIVE_BACK)
            self._holds = False

    def _ask(self, statement: str) -> bool:
        try:
            close_old_connections()
            with connection.cursor() as cursor:
                cursor.execute(statement, self._values)
                return bool(cursor.rowcount == 1)
        except (OperationalError, InterfaceError):
            logger.warning("The database does not say who holds a lease", extra=LOST)
            connection.close()
            return False


LOST = {"action": "lease_unknown"}


def this_process() -> str:
    """A name that no other process has, nor a later one with the same number."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
