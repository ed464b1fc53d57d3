"""The identity of the site is read from the database without holding up an event loop."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from monitoring.database_timeouts import CONNECT_SECONDS
from realtime import site_identity
from realtime.circuit_breaker import CircuitBreaker
from realtime.site_identity import LazyPrefix
from tests.support.clients.simulated_clients import until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nobody_has_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Also ends the thread that asks: it would trip the circuit breaker of later tests."""
    monkeypatch.setattr(site_identity, "_known", {})
    monkeypatch.setattr(site_identity, "_breaker", CircuitBreaker(5.0))
    yield
    for thread in threading.enumerate():
        if thread.name == site_identity.THREAD:
            thread.join()


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The address of the database accepts connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", server.getsockname()[1])
        yield


@pytest.mark.usefixtures("silent_server")
async def test_an_event_loop_does_not_wait_for_a_silent_database() -> None:
    began = time.monotonic()
    with pytest.raises(ConnectionError):
        str(LazyPrefix())
    assert time.monotonic() - began < CONNECT_SECONDS / 2


async def test_an_event_loop_gets_the_prefix_a_moment_after_it_asked() -> None:
    with pytest.raises(ConnectionError):
        str(LazyPrefix())
    await until(lambda: bool(site_identity._known), "a thread has asked")
    in_loop = str(LazyPrefix())
    site_identity._known.clear()
    site_identity._breaker = CircuitBreaker(5.0)
    assert in_loop == await asyncio.to_thread(lambda: str(LazyPrefix()))
