"""Measures every database statement, and exposes the state of the connection pool."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg
from django import db
from django.conf import settings
from django.db.backends.signals import connection_created

from monitoring.logs import slow_log
from monitoring.metrics.metrics import POOL_CONNECTIONS, POOL_WAITING, QUERY_ERRORS, QUERY_SECONDS

_SECONDS = {
    word.upper(): QUERY_SECONDS.labels(word) for word in ("select", "insert", "update", "delete")
}
_OTHER_SECONDS = QUERY_SECONDS.labels("other")
for kind in ("integrity", "operational", "timeout", "other"):
    QUERY_ERRORS.labels(kind)  # a series that begins at 1 shows no increase
TIMEOUTS = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)
WORD_LENGTH = 6  # of each of these words


@dataclass(slots=True)
class QueryStats:
    """Number and duration of the statements of one request."""

    queries: int = 0
    seconds: float = 0.0


_stats: ContextVar[QueryStats | None] = ContextVar("database_query_stats", default=None)


@contextmanager
def count_queries() -> Iterator[QueryStats]:
    """Counts the statements executed within the block, on any thread of its context."""
    stats = QueryStats()
    token = _stats.set(stats)
    try:
        yield stats
    finally:
        _stats.reset(token)


def connect() -> None:
    connection_created.connect(_watch, dispatch_uid="monitoring.metrics.database")
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # a worker's children are not scraped
        POOL_CONNECTIONS.labels("idle").set_function(lambda: _pool("pool_available"))
        POOL_CONNECTIONS.labels("busy").set_function(
            lambda: _pool("pool_size") - _pool("pool_available")
        )
        POOL_WAITING.set_function(lambda: _pool("requests_waiting"))


def _watch(connection: Any, **kwargs: Any) -> None:
    """Installs the wrapper first in the list: Django removes the last one when a test's ends."""
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _timed)


def _timed(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001 as Django calls it
    context: dict[str, Any],
) -> Any:
    started = perf_counter()
    try:
        return execute(sql, params, many, context)
    except db.Error as error:
        QUERY_ERRORS.labels(_kind_of(error)).inc()
        raise
    finally:
        _count(sql, perf_counter() - started)


def _count(sql: Any, seconds: float) -> None:
    text = sql if isinstance(sql, str) else ""
    _SECONDS.get(text.lstrip()[:WORD_LENGTH].upper(), _OTHER_SECONDS).observe(seconds)
    stats = _stats.get()
    if stats is not None:
        stats.queries += 1
        stats.seconds += seconds
    if seconds >= settings.SLOW_QUERY_SECONDS:
        slow_log.slow_query(statement=text, seconds=seconds)


def is_timeout(error: BaseException | None) -> bool:
    """Return whether a statement was ended because it, or the lock it waited for, took too long."""
    return isinstance(error, db.OperationalError) and isinstance(error.__cause__, TIMEOUTS)


def _kind_of(error: db.Error) -> str:
    if isinstance(error, db.IntegrityError):
        return "integrity"
    if is_timeout(error):
        return "timeout"
    is_operational = isinstance(error, db.OperationalError | db.InterfaceError)
    return "operational" if is_operational else "other"


def _pool(statistic: str) -> int:
    pool = getattr(db.connections[db.DEFAULT_DB_ALIAS], "pool", None)
    return pool.get_stats().get(statistic, 0) if pool is not None else 0
