"""A connection pool that tells a busy server, worth waiting for, from one that is gone.

psycopg_pool waits the whole `timeout` for either. Its check of an idle connection, and a statement,
wait without end for a server that is paused. All three would keep a page loading.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg_pool import ConnectionPool, PoolTimeout

from monitoring import process_kind
from monitoring.database_timeouts import CONNECT_SECONDS
from realtime.circuit_breaker import CircuitBreaker

# Together below a second, so that a page is answered within one.
CHECK_SECONDS = 0.4  # for an idle connection to answer
SHORT_WAIT_SECONDS = 0.5  # for a connection, before the server is asked whether it is there
PROBE_SECONDS = 0.4
OUTAGE_SECONDS = 1.0  # after which the server is asked again
TRUST_SECONDS = 1.0  # during which an answer counts for all waiting requests
# A running statement is given up later than a new one is refused: the server may be very busy, and
# then accepts connections slowly although it works on those that it has.
PATIENT_SECONDS = 0.5  # with a statement, before the server is asked whether it is there
SILENT_SECONDS = 1.0  # without an answer, neither on the witness nor to an attempt to connect

_fails_fast = False


def fail_fast() -> None:
    """Make the pools of this process report a lost server within a second.

    For web processes. Workers wait for the server instead: their tasks would fail.
    """
    global _fails_fast
    _fails_fast = True


T = TypeVar("T")


class WatchedConnection(psycopg.Connection):
    """A connection whose statements end with OperationalError when the server has gone silent.

    is_silent: whether the server is; None to wait without end.
    """

    is_silent: Callable[[], bool] | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        if self.is_silent and timeout is None:
            gen = self._watched(gen, self.is_silent)
        return super().wait(gen, interval, timeout)

    def _watched(self, gen: PQGen[T], is_silent: Callable[[], bool]) -> PQGen[T]:
        """The same generator. It is asked to go on without data at each interval."""
        ask_at = time.monotonic() + PATIENT_SECONDS
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() >= ask_at:
                    if is_silent():
                        self.close()
                        raise psycopg.OperationalError("the server has stopped answering")
                    ask_at = time.monotonic() + PATIENT_SECONDS
                state = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


class Witness:
    """An idle connection that is kept to be asked whether the server works.

    A server under load, or a proxy before it, may accept new connections only after seconds.

    connect: returns a new connection, or raises psycopg.Error.
    """

    def __init__(self, connect: Callable[[], WatchedConnection]) -> None:
        self._connect = connect
        self._connection: WatchedConnection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database-witness")
        self._asking = Lock()
        self._question: Future[None] | None = None

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    def ask(self) -> Future[None]:
        """The question that is under way, or a new one. Connects first, without a connection.

        It fails with psycopg.Error.
        """
        with self._asking:
            if self._question is None or self._question.done():
                self._question = self._thread.submit(self._ask)
            return self._question

    def _ask(self) -> None:
        if self._connection is None:
            self._connection = self._connect()
        try:
            check_responds(self._connection, SILENT_SECONDS)
        except psycopg.Error as error:  # also if the server has ended this connection
            self._connection = None
            raise psycopg.errors.ConnectionTimeout("the witness does not answer") from error

    def close(self) -> None:
        """Close the connection. Waits for the question that is under way, at most for seconds."""
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()


class ServerPool(ConnectionPool[WatchedConnection]):
    """A ConnectionPool whose checks have a time limit. Raises PoolTimeout if the server is gone.

    In a process that fails fast it has one connection more, its witness.
    """

    def __init__(self, *, kwargs: dict[str, Any], **options: Any) -> None:
        super().__init__(
            kwargs=kwargs, check=check_responds, connection_class=WatchedConnection, **options
        )
        name = {"fallback_application_name": f"recruit-{process_kind.current()}"}
        once = {"connect_timeout": CONNECT_SECONDS, "autocommit": True}
        self._parameters = name | kwargs | once
        self._outage, self._silence = CircuitBreaker(OUTAGE_SECONDS), CircuitBreaker(OUTAGE_SECONDS)
        self._asking = Lock()
        self._prober = ThreadPoolExecutor(1, thread_name_prefix="database-probe")
        self._probe: Future[None] | None = None
        self._responded_at = -TRUST_SECONDS
        self._witness = Witness(self._connect_anew)

    def getconn(self, timeout: float | None = None) -> WatchedConnection:
        """Return a connection, within `timeout` seconds if the server is busy.

        A process that fails fast gets PoolTimeout within a second if the server is gone, and at
        once if that was noticed within the last second. Its statements are watched.
        """
        if not _fails_fast:
            return super().getconn(timeout)
        # Attempts to connect keep their places in the pool while they are retried. Without places
        # left, no request would find the server when it is back.
        self.reconnect_timeout = OUTAGE_SECONDS
        if self._outage.is_open:
            raise PoolTimeout("the database was lost a moment ago")
        try:
            connection = super().getconn(SHORT_WAIT_SECONDS)
        except PoolTimeout:
            if not self._server_responds():
                raise
            connection = super().getconn(timeout)
        connection.is_silent = self._server_is_silent
        if not self._witness.is_connected:
            self._witness.ask()
        return connection

    def close(self, timeout: float = 5.0) -> None:
        super().close(timeout)
        self._witness.close()

    def _server_responds(self) -> bool:
        """Whether the server accepts a new connection."""
        if self._outage.is_open or self._has_responded_lately():
            return not self._outage.is_open
        try:
            self._current_probe().result(PROBE_SECONDS)
        except (psycopg.Error, TimeoutError):
            self._outage.trip()
            return False
        return True

    def _server_is_silent(self) -> bool:
        """Whether neither the witness nor a new connection gets an answer.

        A refusal is one, as of too many connections. Without a witness, two attempts to connect
        must have failed after CONNECT_SECONDS.
        """
        if self._silence.is_open or self._has_responded_lately():
            return self._silence.is_open
        limit = SILENT_SECONDS if self._witness.is_connected else 2.0 * CONNECT_SECONDS
        with suppress(TimeoutError):
            for question in as_completed({self._witness.ask(), self._current_probe()}, limit):
                if not isinstance(question.exception(), psycopg.errors.ConnectionTimeout):
                    return False
        self._silence.trip()
        return True

    def _has_responded_lately(self) -> bool:
        return time.monotonic() - self._responded_at < TRUST_SECONDS

    def _current_probe(self) -> Future[None]:
        """The attempt to connect that is under way: one asks for all that wait."""
        with self._asking:
            if self._probe is None or self._probe.done():
                self._probe = self._prober.submit(self._connect_once)
            return self._probe

    def _connect_once(self) -> None:
        self._connect_anew().close()
        self._responded_at = time.monotonic()

    def _connect_anew(self) -> WatchedConnection:
        return WatchedConnection.connect(**self._parameters)


def check_responds(connection: WatchedConnection, seconds: float = CHECK_SECONDS) -> None:
    """Check an idle connection; close it and raise psycopg.Error if the server is gone."""
    try:
        connection.pgconn.send_query(b"")
        connection.wait(generators.execute(connection.pgconn), timeout=seconds)
        if connection.closed:  # the answer was the server's goodbye, as before a restart
            raise psycopg.OperationalError("the server has ended the session")
    except psycopg.Error:
        connection.close()
        raise
