"""A connection pool that tells a busy server, worth waiting for, from one that is gone.

psycopg_pool waits the whole `timeout` for either, and its check of an idle connection waits without
end for a server that is paused. Both would keep a page loading.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import psycopg
from psycopg import generators
from psycopg_pool import ConnectionPool, PoolTimeout

from realtime.circuit_breaker import CircuitBreaker

# Together below a second, so that a page is answered within one.
CHECK_SECONDS = 0.4  # for an idle connection to answer
SHORT_WAIT_SECONDS = 0.5  # for a connection, before the server is asked whether it is there
PROBE_SECONDS = 0.4
OUTAGE_SECONDS = 1.0  # after which the server is asked again
TRUST_SECONDS = 1.0  # during which an answer counts for all waiting requests

_fails_fast = False


def fail_fast() -> None:
    """Make the pools of this process report a lost server within a second.

    For web processes. Workers wait for the server instead: their tasks would fail.
    """
    global _fails_fast
    _fails_fast = True


class ServerPool(ConnectionPool[psycopg.Connection]):
    """A ConnectionPool whose checks have a time limit. Raises PoolTimeout if the server is gone."""

    def __init__(self, *, kwargs: dict[str, Any], **options: Any) -> None:
        super().__init__(kwargs=kwargs, check=check_responds, **options)
        self._parameters = kwargs
        self._outage = CircuitBreaker(OUTAGE_SECONDS)
        self._probing = Lock()
        self._prober = ThreadPoolExecutor(1, thread_name_prefix="database-probe")
        self._responded_at = -TRUST_SECONDS

    def getconn(self, timeout: float | None = None) -> psycopg.Connection:
        """Return a connection, within `timeout` seconds if the server is busy.

        A process that fails fast gets PoolTimeout within a second if the server is gone, and at
        once if that was noticed within the last second.
        """
        if not _fails_fast:
            return super().getconn(timeout)
        # Attempts to connect keep their places in the pool while they are retried. Without places
        # left, no request would find the server when it is back.
        self.reconnect_timeout = OUTAGE_SECONDS
        if self._outage.is_open:
            raise PoolTimeout("the database was lost a moment ago")
        try:
            return super().getconn(SHORT_WAIT_SECONDS)
        except PoolTimeout:
            if not self._server_responds():
                raise
        return super().getconn(timeout)

    def _server_responds(self) -> bool:
        """Ask with a new connection. One request asks, those that wait use its answer."""
        with self._probing:
            if self._outage.is_open:
                return False
            if time.monotonic() - self._responded_at < TRUST_SECONDS:
                return True
            try:
                self._prober.submit(self._connect_once).result(PROBE_SECONDS)
            except (psycopg.Error, TimeoutError):
                self._outage.trip()
                return False
            self._responded_at = time.monotonic()
            return True

    def _connect_once(self) -> None:
        psycopg.connect(**self._parameters).close()


def check_responds(connection: psycopg.Connection) -> None:
    """Check an idle connection; close it and raise OperationalError if the server is gone."""
    try:
        connection.pgconn.send_query(b"")
        connection.wait(generators.execute(connection.pgconn), timeout=CHECK_SECONDS)
    except psycopg.Error:
        connection.close()
        raise
