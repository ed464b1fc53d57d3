"""Presence with the real hub and Valkey, and with two real web processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from websockets.asyncio.client import ClientConnection

from realtime.hub.hub import Hub, current_hub
from realtime.hub.presence import MAX_VIEWERS_SHOWN
from realtime.hub.subscription import Subscription
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.product.processes import Site

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"
PATIENCE_SECONDS = 60.0


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = current_hub()
    yield hub
    await hub.close()


class Viewers:
    """The viewers that one page shows, and the frames that listed them."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.frames: list[str] = []

    def take(self, text: str) -> None:
        frame = json.loads(text)
        if frame["type"] != "latest":
            return
        self.frames.append(text)
        for item in frame["items"]:
            self.rows[item["key"]] = item["row"]

    def count(self) -> int:
        """The number of viewers: those listed, and the others."""
        rows = [row for row in self.rows.values() if row is not None]
        others = sum(row["count"] for row in rows if row["kind"] == "presence_count")
        return sum(row["kind"] == "presence" for row in rows) + others


async def viewers_seen(subscription: Subscription, number: int) -> Viewers:
    """Read the frames of one socket until it shows that many viewers."""
    viewers = Viewers()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while viewers.count() != number:
            viewers.take(await subscription.queue.take())
    return viewers


async def cost_per_socket(hub: Hub, viewers: int) -> tuple[int, int]:
    """Frames and bytes sent to each socket when this many users open a board at once."""
    topic = f"board.{viewers}.2026-11-29"
    subscriptions = [await hub.subscribe(topic) for _ in range(viewers)]
    for number in range(viewers):
        await hub.presence.join(topic, 1000 + number, f"Person {number:04}", f"{number:02}")
    every = [await viewers_seen(subscription, viewers) for subscription in subscriptions]
    costs = {(len(one.frames), sum(map(len, one.frames))) for one in every}
    assert len(costs) == 1, "every socket is sent the same"
    return costs.pop()


async def test_two_hundred_viewers_cost_a_socket_no_more_frames_than_ten(hub: Hub) -> None:
    """They join in one iteration of the event loop, so that only their number differs."""
    frames, size = await cost_per_socket(hub, 10)
    frames_of_many, size_of_many = await cost_per_socket(hub, 200)
    assert (frames, frames_of_many) == (1, 1)
    assert size_of_many < size / 10 * (MAX_VIEWERS_SHOWN + 2), "the listed viewers and a number"


# Two real processes


@asynccontextmanager
async def board_of(person: Visitor) -> AsyncIterator[ClientConnection]:
    async with person.socket(BOARD) as socket:
        await socket.send('{"type":"hello","epoch":null,"position":null}')
        yield socket


async def until(socket: ClientConnection, viewers: Viewers, shown: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not shown():
            viewers.take(str(await socket.recv()))


@pytest.mark.processes
async def test_two_web_processes_show_each_others_viewers_until_one_is_killed(
    site: Site, lin: User, admin: User
) -> None:
    elsewhere = Site()  # the same database and Valkey, at another port
    elsewhere.running = site.running
    await sync_to_async(site.start)("web")
    killed = await sync_to_async(elsewhere.start)("web")
    assert site.port != elsewhere.port
    mine, theirs = f"presence:{lin.pk}", f"presence:{admin.pk}"
    async with (
        visitor(site, lin) as one,
        visitor(elsewhere, admin) as two,
        board_of(one) as here,
        board_of(two) as there,
    ):
        seen_here, seen_there = Viewers(), Viewers()
        await until(there, seen_there, lambda: {mine, theirs} <= seen_there.rows.keys())
        await until(here, seen_here, lambda: {mine, theirs} <= seen_here.rows.keys())
        await sync_to_async(killed.kill)()
        await until(here, seen_here, lambda: seen_here.rows[theirs] is None)
        assert seen_here.rows[mine] is not None
