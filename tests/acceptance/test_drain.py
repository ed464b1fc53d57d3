"""Stopping a web process: it says goodbye to its sockets and finishes its requests."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from jobs.models import Campaign
from tests.support.clients.websocket_client import visitor
from tests.support.product.processes import Running, Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("server", ["daphne", "uvicorn"]),
]

BOARD = "/ws/board/autumn/"
WAITING = 300  # more than the servers accept at a time
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
HELLO = json.dumps({"type": "hello", "epoch": None, "position": None})


async def last_frame(socket: ClientConnection) -> dict[str, object]:
    """Returns the last frame before the server closed."""
    frame: dict[str, object] = {}
    try:
        while True:
            frame = json.loads(await socket.recv())
    except ConnectionClosed:
        return frame


async def test_a_stopping_web_process_tells_clients_to_return_at_different_times(
    server: str, site: Site, lin: User, campaign: Campaign
) -> None:
    web = site.start("web", DRAIN_SECONDS="4", WEB_SERVER=server)
    async with visitor(site, lin) as person:
        sockets = [await person.socket(BOARD) for _ in range(20)]
        for socket in sockets:
            await socket.send(HELLO)
            await socket.recv()
        stopped = asyncio.create_task(sync_to_async(web.terminate)())
        goodbyes = [await last_frame(socket) for socket in sockets]
        assert {goodbye["type"] for goodbye in goodbyes} == {"goodbye"}
        assert {socket.close_code for socket in sockets} == {4001}
        moments = {goodbye["retry_after_ms"] for goodbye in goodbyes}
        assert len(moments) > 10, "they must not all come back at once"
        assert await stopped == 0
        assert "Drained; 0 requests or sockets were cut short" in web.output


async def test_connections_that_wait_to_be_accepted_are_answered_before_the_process_ends(
    server: str, site: Site, campaign: Campaign
) -> None:
    """A proxy may have sent a request that changes something, which it cannot send again."""
    web = site.start("web", DRAIN_SECONDS="1", WEB_SERVER=server)
    assert await status_line(*await asking(site)) == OK, "it serves"
    os.kill(web.pid, signal.SIGSTOP)
    waiting = [await asking(site) for _ in range(WAITING)]
    os.kill(web.pid, signal.SIGTERM)
    os.kill(web.pid, signal.SIGCONT)
    answers = [await status_line(*connection) for connection in waiting]
    assert answers == [OK] * WAITING
    assert await sync_to_async(web.wait)() == 0


async def asking(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a request has been sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(REQUEST)
    return reader, writer


async def status_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first line of the answer; b"" if the connection was reset."""
    try:
        return await reader.readline()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_socket_whose_client_stopped_answering_is_closed(
    server: str, site: Site, lin: User, campaign: Campaign
) -> None:
    """Half-open: the client is frozen, but its kernel still holds the connection."""
    web = site.start("web", SOCKET_PING_SECONDS="1", WEB_SERVER=server)
    async with visitor(site, lin) as person:
        session = person.client.cookies["sessionid"]
        command = [sys.executable, "-c", CLIENT, site.socket_url(BOARD), site.url, session]
        client = Running("client", command, {})
        try:
            await sync_to_async(client.wait_for)("welcome")
            os.kill(client.pid, signal.SIGSTOP)
            await sync_to_async(web.wait_for)("Socket closed by the client")
        finally:
            client.kill()


CLIENT = """
import sys
from websockets.sync.client import connect
url, origin, session = sys.argv[1:]
with connect(url, origin=origin, additional_headers={"Cookie": f"sessionid={session}"}) as socket:
    socket.send('{"type":"hello","epoch":null,"position":null}')
    for frame in socket:
        print(frame[:30], flush=True)
"""
