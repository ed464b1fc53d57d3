"""The identity of the site, which is part of every key, channel and group in Redis.

Pub/sub ignores the number of the database, so two sites on one Redis would hear each other. The
identity is the identifier that PostgreSQL generates with a cluster, and the name of the database:
all processes of a site find the same one, and a copy of the database elsewhere has its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from threading import Thread
from typing import Any

import psycopg
from django.db import OperationalError, connection

from monitoring.database_timeouts import CONNECT_SECONDS
from realtime.circuit_breaker import CircuitBreaker

THREAD = "site-identity"
DIGITS = 12  # of a hash; two sites must not meet by accident
IDENTITY = """
SELECT (SELECT system_identifier FROM pg_control_system())::text, current_database()
"""
_breaker = CircuitBreaker(5.0)
_known: dict[tuple[Any, ...], str] = {}


def site_id() -> str:
    """Return 12 hexadecimal digits. Asks the database once per process.

    Uses a connection of its own, so that asynchronous code may call it; `manage.py web` and `relay`
    have asked by then. An event loop never waits for the database: it gets the error, and a thread
    asks. Raises OperationalError if the database is unreachable.
    """
    settings = connection.settings_dict
    database = tuple(settings[part] for part in ("HOST", "PORT", "NAME"))
    if database not in _known:
        if _breaker.is_open:
            raise OperationalError("the database did not respond a moment ago")
        if _is_in_event_loop():
            _breaker.trip()  # one thread is enough
            Thread(target=_learn_quietly, args=[database], name=THREAD, daemon=True).start()
            raise OperationalError("the database is being asked")
        _learn(database)
    return _known[database]


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _learn(database: tuple[Any, ...]) -> None:
    _known[database] = hashlib.sha256(_ask().encode()).hexdigest()[:DIGITS]


def _learn_quietly(database: tuple[Any, ...]) -> None:
    with suppress(OperationalError):  # the circuit breaker knows
        _learn(database)


def prefix() -> str:
    """Return what the names of keys, channels and groups begin with: "recruit:1f0c92ab44de"."""
    return f"recruit:{site_id()}"


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Return the name of a cached value in Redis (KEY_FUNCTION of the cache)."""
    return f"{prefix()}:{key_prefix}:{version}:{key}"


def _ask() -> str:
    parameters = connection.get_connection_params() | {"connect_timeout": CONNECT_SECONDS}
    try:
        with connection.wrap_database_errors, psycopg.connect(**parameters) as server:
            return "/".join(server.execute(IDENTITY).fetchone() or ())
    except OperationalError:
        _breaker.trip()
        raise


class LazyPrefix:
    """The prefix and a colon, as a text that is read when it is first used.

    For the channel layer and Celery, whose settings are made before there is a database.

    Raises ConnectionError without the database, which both treat like a lost Redis.
    """

    def __str__(self) -> str:
        try:
            return f"{prefix()}:"
        except OperationalError as error:
            raise ConnectionError("the identity of the site is in the database") from error

    def __add__(self, other: str) -> str:
        return f"{self}{other}"

    def __json__(self) -> str:
        """For kombu, when a worker tells Flower its connection."""
        return str(self)

    def __len__(self) -> int:
        return len(str(self))

    def __bool__(self) -> bool:
        return True
