"""A server that accepts connections slowly, and works on those that it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from monitoring.database_timeouts import CONNECT_SECONDS
from project.database import pool as pools
from project.database.pool import PATIENT_SECONDS, SILENT_SECONDS, ServerPool

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SLOW_SECONDS = 1.3  # longer than the pool waits for an answer from its witness
RUNNING_SECONDS = 3.0  # of a statement


@contextmanager
def slow_to_accept() -> Iterator[dict[str, Any]]:
    """A proxy that delays each new connection; yields the parameters of the database behind it."""
    server: Any = connection
    parameters = server.get_connection_params()
    path = f"{parameters['host']}/.s.PGSQL.{parameters['port']}"
    loop = asyncio.new_event_loop()

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(65_536):
                target.write(chunk)
                await target.drain()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with closing(writer):
            await asyncio.sleep(SLOW_SECONDS)
            own_reader, own_writer = await asyncio.open_unix_connection(path)
            async with closing(own_writer):
                copies = copy(reader, own_writer), copy(own_reader, writer)
                await asyncio.wait(
                    map(asyncio.ensure_future, copies), return_when=asyncio.FIRST_COMPLETED
                )

    proxy = loop.run_until_complete(asyncio.start_server(accept, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        host, port = proxy.sockets[0].getsockname()
        yield parameters | {"host": host, "port": port, "sslmode": "disable", "autocommit": True}
    finally:
        asyncio.run_coroutine_threadsafe(end(proxy), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def end(proxy: asyncio.Server) -> None:
    """Accept no more, and wait until the connections, which the clients have closed, are gone."""
    proxy.close()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})


def test_a_statement_is_not_given_up_because_connecting_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither before the witness is connected, nor later."""
    assert PATIENT_SECONDS + SILENT_SECONDS < RUNNING_SECONDS, "the server is asked, and answers"
    assert SILENT_SECONDS < SLOW_SECONDS < CONNECT_SECONDS
    monkeypatch.setattr(pools, "_fails_fast", True)
    with (
        slow_to_accept() as parameters,
        ServerPool(kwargs=parameters, min_size=1, max_size=1, open=False) as pool,
    ):
        pool.wait()
        for _ in range(2):
            with pool.connection() as server:
                began = time.monotonic()
                found = server.execute("SELECT pg_sleep(%s), 1", [RUNNING_SECONDS]).fetchone()
            assert found is not None
            assert found[1] == 1
            assert time.monotonic() - began >= RUNNING_SECONDS, "the premise"


def test_a_connection_that_a_restart_of_the_server_has_ended_is_replaced_unnoticed() -> None:
    """PostgreSQL says goodbye to idle sessions. The next request must not get one of these."""
    server: Any = connection
    parameters = server.get_connection_params() | {"autocommit": True}
    with ServerPool(kwargs=parameters, min_size=1, max_size=1, open=False) as pool:
        pool.wait()
        with pool.connection() as idle:
            ended = idle.info.backend_pid
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
            assert cursor.fetchone() == (True,), "the premise"
        with pool.connection() as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
            assert session.info.backend_pid != ended
