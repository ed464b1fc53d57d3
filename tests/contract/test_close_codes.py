"""Every close code is provoked on both servers, after a goodbye if the client may reconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from interview.models import Room
from jobs.models import Campaign
from realtime.log import changes
from realtime.models import TopicHead, new_epoch
from realtime.protocol.close_codes import CloseCode
from tests.contract.conftest import BOARD
from tests.people import signed_in
from tests.support.clients.raw_socket import BINARY, TEXT, ClosedSocket, RawSocket, build_frame
from tests.support.product.day_topics import autumn_board
from tests.support.product.processes import Site
from tests.support.product.relay import publish_and_hint

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROOMS = 800
MAX_BATCHES = 100  # a fifth of them fill the window and the send queue


@dataclass(frozen=True, slots=True)
class Scene:
    """A board that Lin may follow and Sun may not, and the server that serves it."""

    site: Site
    server: str
    session: str
    sun: User


@pytest.fixture
def scene(serving: Site, server: str, session: str, sun: User) -> Scene:
    return Scene(serving, server, session, sun)


async def is_going_away(scene: Scene) -> ClosedSocket:
    """In a process of its own, which is then stopped."""
    with Site() as site:
        web = await sync_to_async(site.start)("web", WEB_SERVER=scene.server)
        async with RawSocket(site.port) as socket:
            await (await socket.connect(BOARD, scene.session)).hello()
            stopped = asyncio.create_task(sync_to_async(web.terminate)())
            ended = await socket.read_until_closed()
            assert await stopped == 0
            return ended


async def never_acknowledges(scene: Scene) -> ClosedSocket:
    """Reads every frame and acknowledges none."""
    keys = await sync_to_async(many_rooms)()
    async with RawSocket(scene.site.port) as socket:
        await (await socket.connect(BOARD, scene.session)).hello()
        reading = asyncio.create_task(socket.read_until_closed(checked=False))
        for _ in range(MAX_BATCHES):
            await sync_to_async(changes.record)((autumn_board(), key) for key in keys)
            await publish_and_hint()
            if reading.done():
                break
        return await reading


def many_rooms() -> list[str]:
    """Rooms whose rows together fill a frame of half a megabyte."""
    campaign = Campaign.objects.get(slug="autumn")
    rooms = [
        Room(campaign=campaign, name=f"A-{number}", directions="向" * 160)
        for number in range(ROOMS)
    ]
    return [f"room:{room.pk}" for room in Room.objects.bulk_create(rooms)]


async def follows_numbers_that_are_gone(scene: Scene) -> ClosedSocket:
    async with RawSocket(scene.site.port) as socket:
        await (await socket.connect(BOARD, scene.session)).hello()
        head = TopicHead.objects.filter(topic=autumn_board())
        assert await head.aupdate(epoch=new_epoch()) == 1
        return await socket.read_until_closed()


async def floods(scene: Scene) -> ClosedSocket:
    async with RawSocket(scene.site.port) as socket:
        await (await socket.connect(BOARD, scene.session)).hello()
        socket.write(build_frame(TEXT, b'{"type":"ack","position":0}') * 1000)
        return await socket.read_until_closed()


async def sends_binary(scene: Scene) -> ClosedSocket:
    async with RawSocket(scene.site.port) as socket:
        await (await socket.connect(BOARD, scene.session)).hello()
        socket.write(build_frame(BINARY, b"{}"))
        return await socket.read_until_closed()


async def has_no_session(scene: Scene) -> ClosedSocket:
    async with RawSocket(scene.site.port) as socket:
        await socket.connect(BOARD, None)
        socket.send({"type": "hello", "epoch": None, "position": None})
        return await socket.read_until_closed()


async def may_not_watch(scene: Scene) -> ClosedSocket:
    client = await sync_to_async(signed_in)(Client(), scene.sun)
    async with RawSocket(scene.site.port) as socket:
        await socket.connect(BOARD, client.cookies["sessionid"].value)
        return await socket.read_until_closed()


PROVOKED_BY: dict[CloseCode, Callable[[Scene], Awaitable[ClosedSocket]]] = {
    CloseCode.GOING_AWAY: is_going_away,
    CloseCode.SLOW_READER: never_acknowledges,
    CloseCode.POSITION_LOST: follows_numbers_that_are_gone,
    CloseCode.LIMIT_EXCEEDED: floods,
    CloseCode.BROKEN_PROTOCOL: sends_binary,
    CloseCode.SIGNED_OUT: has_no_session,
    CloseCode.NOT_ALLOWED: may_not_watch,
}


@pytest.mark.parametrize("code", list(CloseCode))
async def test_a_close_code_reaches_the_client_after_a_goodbye_if_it_may_reconnect(
    code: CloseCode, scene: Scene
) -> None:
    ended = await PROVOKED_BY[code](scene)
    assert ended.code == code
    last = ended.frames[-1] if ended.frames else {"type": "nothing"}
    if code < CloseCode.BROKEN_PROTOCOL:
        assert (last["type"], last["code"]) == ("goodbye", code)
        assert last["retry_after_ms"] >= 0
    else:
        assert last["type"] != "goodbye"
