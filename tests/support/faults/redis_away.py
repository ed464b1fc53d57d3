"""Redis at an address where nothing answers, for the direct calls of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from django.test import override_settings

from realtime import rate_limiter
from realtime.circuit_breaker import CircuitBreaker
from realtime.layer_servers import layer_connection
from realtime.redis_connection import redis_connection

NOWHERE = "redis://127.0.0.1:1"


@contextmanager
def redis_away() -> Iterator[None]:
    """Rate limits, progress and audience cannot reach Redis; cache and channel layer still can."""
    breaker = mock.patch.object(rate_limiter, "_breaker", CircuitBreaker(60.0))
    with breaker, override_settings(REDIS_URL=NOWHERE, LAYER_REDIS_URLS=[NOWHERE]):
        _forget_connections()
        try:
            yield
        finally:
            _forget_connections()


def _forget_connections() -> None:
    redis_connection.cache_clear()
    layer_connection.cache_clear()


@pytest.fixture
def redis_is_away() -> Iterator[None]:
    with redis_away():
        yield
