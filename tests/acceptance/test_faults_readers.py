"""Clients that stop reading: they cost a bounded amount of memory, are closed, and miss nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import pytest
from django.contrib.auth.models import User

from interview.models import Room
from jobs.models import Campaign
from realtime.database import run_in_db_thread
from realtime.hub.send_queue import MAX_QUEUED_BYTES, WINDOW_BYTES
from realtime.log import changes
from realtime.log.reader import take_snapshot
from tests.support.clients.client_process import fingerprint
from tests.support.clients.simulated_clients import (
    TIMEOUT_SECONDS,
    Page,
    connectors,
    fresh_board,
    open_pages,
    reconcile,
    until,
)
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.product.day_topics import autumn_board
from tests.support.product.processes import Running, Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BOARD = "/ws/board/autumn/"
ROOMS = 1000
STUCK = 8
BYTES_FOR_ONE = WINDOW_BYTES + MAX_QUEUED_BYTES
BYTES_OF_THE_SERVER = 64 * 1024 * 1024  # for rendering, independent of the readers
HELLO = '{"type":"hello","epoch":null,"position":null}'
PINGS = {"SOCKET_PING_SECONDS": "30"}  # slow enough that pings do not detect the stuck readers


@pytest.fixture
def rooms(campaign: Campaign) -> list[Room]:
    """Rooms with long rows."""
    return Room.objects.bulk_create(
        Room(
            campaign=campaign,
            name=f"A-{number}",
            directions="The third door on the left. " * 5,
            meeting_url=f"https://example.com/{'x' * 170}",
        )
        for number in range(ROOMS)
    )


async def test_clients_that_stop_reading_are_closed_at_a_bounded_cost_and_resume(
    site: Site, lin: User, rooms: list[Room]
) -> None:
    """One client is a suspended process; the others leave the data in the connection."""
    site.start("relay")
    web = site.start("web", **PINGS)
    async with (
        visitor(site, lin) as person,
        open_pages(*connectors(person, BOARD)) as [page],
        stuck_readers(person),
    ):
        reader = reading_process(site, person)
        try:
            await asyncio.to_thread(reader.wait_for, "1 connections, 1 snapshots")
            os.kill(reader.pid, signal.SIGSTOP)
            used = await send_more_than_fits(page, web, rooms)
            await until_only_one_is_left(person)
            assert max(used) - used[0] < (STUCK + 1) * BYTES_FOR_ONE + BYTES_OF_THE_SERVER
            os.kill(reader.pid, signal.SIGCONT)
            fresh = await fresh_board(autumn_board())
            await asyncio.to_thread(
                reader.wait_for, f"{fingerprint(fresh)} after 2 connections, 1 snapshots"
            )
            await reconcile([page])
        finally:
            reader.kill()


@asynccontextmanager
async def stuck_readers(person: Visitor) -> AsyncIterator[None]:
    """Opens sockets that read the welcome and nothing more."""
    async with AsyncExitStack() as sockets:
        for _ in range(STUCK):
            opening = person.socket(BOARD, ping_interval=None, max_queue=1, close_timeout=0)
            socket = await sockets.enter_async_context(opening)
            await socket.send(HELLO)
            await socket.recv()
        yield


def reading_process(site: Site, person: Visitor) -> Running:
    session = person.client.cookies["sessionid"]
    script = [sys.executable, "-m", "tests.support.clients.client_process"]
    return Running("reader", [*script, site.socket_url(BOARD), site.url, session], {})


async def send_more_than_fits(page: Page, web: Running, rooms: list[Room]) -> list[int]:
    """Records changes of all rooms, twice as many bytes as a client may be owed.

    Returns the web process's memory in bytes, before and after each time.
    """
    process = psutil.Process(web.pid)
    used = [process.memory_info().rss]
    keys = [(autumn_board(), f"room:{room.pk}") for room in rooms]
    size_of_all = len((await run_in_db_thread(take_snapshot, autumn_board())).text())
    for _ in range(BYTES_FOR_ONE // size_of_all + 2):
        goal = page.board.position + ROOMS
        await run_in_db_thread(changes.record, keys)
        await until(lambda goal=goal: page.board.position >= goal, "the page has all rooms", [page])
        used.append(process.memory_info().rss)
    return used


async def until_only_one_is_left(person: Visitor) -> None:
    """Waits until the web process has closed all sockets but one, as too slow."""
    expected = {"open": 1, "too slow": STUCK + 1}
    found = {}
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while found != expected:
            await asyncio.sleep(0.1)
            page = (await person.client.get("/metrics")).text
            found = {
                "open": number(page, r'ws_sockets_open{consumer="board"} (\S+)'),
                "too slow": number(page, r'closed_total{code="4008",consumer="board"} (\S+)'),
            }


def number(page: str, pattern: str) -> float:
    found = re.search(pattern, page)
    return float(found[1]) if found else 0
