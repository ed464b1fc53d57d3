"""Who watches, with the real hub and Valkey, and with two real web processes."""

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
from tests.support.processes import Site
from tests.support.websocket_client import Visitor, visitor

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"
PATIENCE_SECONDS = 60.0


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = current_hub()
    yield hub
    await hub.close()


class Faces:
    """What one page knows of the watchers, and the frames that told it."""

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

    def told(self) -> int:
        """How many watchers: faces, and the number of the others."""
        rows = [row for row in self.rows.values() if row is not None]
        others = sum(row["count"] for row in rows if row["kind"] == "presence_count")
        return sum(row["kind"] == "presence" for row in rows) + others


async def told_of(subscription: Subscription, viewers: int) -> Faces:
    """The frames of one socket, until it knows of that many watchers."""
    faces = Faces()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while faces.told() != viewers:
            faces.take(await subscription.queue.take())
    return faces


async def costs_of(hub: Hub, viewers: int) -> tuple[int, int]:
    """Frames and bytes that each socket is sent when so many open a board at once."""
    topic = f"board.{viewers}"
    subscriptions = [await hub.subscribe(topic) for _ in range(viewers)]
    for number in range(viewers):
        await hub.presence.join(topic, 1000 + number, f"Person {number:04}", f"{number:02}")
    every = [await told_of(subscription, viewers) for subscription in subscriptions]
    costs = {(len(faces.frames), sum(map(len, faces.frames))) for faces in every}
    assert len(costs) == 1, "every socket is sent the same"
    return costs.pop()


async def test_two_hundred_viewers_cost_a_socket_no_more_frames_than_ten(hub: Hub) -> None:
    """They join within one turn of the loop, so that it is the number alone that differs."""
    frames, size = await costs_of(hub, 10)
    frames_of_many, size_of_many = await costs_of(hub, 200)
    assert (frames, frames_of_many) == (1, 1)
    assert size_of_many < size / 10 * (MAX_VIEWERS_SHOWN + 2), (
        "the faces that are told, and a number"
    )


# Two real processes


@asynccontextmanager
async def board_of(person: Visitor) -> AsyncIterator[ClientConnection]:
    async with person.socket(BOARD) as socket:
        await socket.send('{"type":"hello","epoch":null,"position":null}')
        yield socket


async def until(socket: ClientConnection, faces: Faces, shown: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not shown():
            faces.take(str(await socket.recv()))


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
        seen_here, seen_there = Faces(), Faces()
        await until(there, seen_there, lambda: {mine, theirs} <= seen_there.rows.keys())
        await until(here, seen_here, lambda: {mine, theirs} <= seen_here.rows.keys())
        await sync_to_async(killed.kill)()
        await until(here, seen_here, lambda: seen_here.rows[theirs] is None)
        assert seen_here.rows[mine] is not None
