"""Sockets that are closed while they are being opened must leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Campaign
from realtime.hub import revocation
from realtime.hub.hub import current_hub
from realtime.protocol.close_codes import CloseCode
from tests.people import signed_in
from tests.support.clients.live import LiveClient

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test(campaign: Campaign) -> AsyncIterator[None]:
    yield
    await current_hub().close()


@sync_to_async
def session_of(person: User) -> str:
    return signed_in(Client(), person).cookies["sessionid"].value


class Gate:
    """Delays one call until it is opened."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        self._call = call
        self.is_reached, self.is_open = asyncio.Event(), asyncio.Event()

    async def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.is_reached.set()
        await self.is_open.wait()
        return await self._call(*arguments, **named)


async def test_a_socket_closed_while_its_admission_is_decided_leaves_nothing_behind(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interleaving: the process drains between the admission request and the decision."""
    here = current_hub()
    gate = Gate(here.admission.decide)
    monkeypatch.setattr(here.admission, "decide", gate)
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await gate.is_reached.wait()
        await here.sockets.drain(within_seconds=0)
        gate.is_open.set()
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY
    assert len(here.sockets) == 0


async def test_a_socket_closed_while_it_subscribes_leaves_nothing_behind(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interleaving: the process drains while the first snapshot is being rendered."""
    here = current_hub()
    gate = Gate(here.subscribe)
    monkeypatch.setattr(here, "subscribe", gate)
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None})
        await gate.is_reached.wait()
        await here.sockets.drain(within_seconds=0)
        gate.is_open.set()
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY
    assert here.topics <= {revocation.TOPIC}
