"""Both servers close what takes too long, and forget who is gone.

The deadlines are real and take ten seconds, so all clients of both servers wait at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Campaign, CampaignMember
from realtime.protocol.close_codes import CloseCode
from tests.contract.conftest import BOARD, SERVERS, all_sockets_closed, running_site
from tests.people import make_person, signed_in
from tests.support.clients.raw_socket import ClosedSocket, RawSocket, handshake
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

# Far more than the deadline, less than the servers' own idle timeouts.
TOO_SLOW_SECONDS = 45.0


@pytest.fixture(scope="module")
def shared_sites(django_db_setup: None) -> Iterator[list[Site]]:
    with ExitStack() as until:
        yield [until.enter_context(running_site(server)) for server in SERVERS]


@pytest.fixture
async def sites(shared_sites: list[Site], transactional_db: None) -> AsyncIterator[list[Site]]:
    """A web process of each server, without open sockets before and after the test."""
    yield shared_sites
    for site in shared_sites:
        await all_sockets_closed(site)


async def test_slow_clients_are_disconnected_and_viewers_who_left_are_no_longer_shown(
    sites: list[Site], session: str, admin: User, campaign: Campaign
) -> None:
    # Presence is shared by all processes, so each server has a viewer of its own.
    viewers = [await sync_to_async(make_person)(name, "coordinator") for name in ("mei", "tao")]
    for viewer in viewers:
        await CampaignMember.objects.acreate(campaign=campaign, user=viewer)
    async with AsyncExitStack() as until:
        neighbours = [await until.enter_async_context(RawSocket(site.port)) for site in sites]
        for neighbour in neighbours:
            await (await neighbour.connect(BOARD, session)).hello()
        async with asyncio.timeout(TOO_SLOW_SECONDS), asyncio.TaskGroup() as clients:
            for site, viewer in zip(sites, viewers, strict=True):
                clients.create_task(connects_and_is_silent(site))
                clients.create_task(sends_its_head_by_the_byte(site))
                clients.create_task(never_says_hello(site, session))
                clients.create_task(has_no_session_and_never_says_hello(site))
                clients.create_task(leaves_and_is_no_longer_shown(site, viewer, admin))
        for neighbour in neighbours:
            assert await neighbour.responds(), "the neighbour was disturbed"


async def connects_and_is_silent(site: Site) -> None:
    async with RawSocket(site.port) as socket:
        assert await socket.is_disconnected()


async def sends_its_head_by_the_byte(site: Site) -> None:
    async with RawSocket(site.port) as socket:
        cut = asyncio.create_task(socket.is_disconnected())
        for octet in handshake(BOARD, socket.host):
            socket.write(bytes([octet]))
            if (await asyncio.wait([cut], timeout=0.25))[0]:
                break
        assert await cut


async def never_says_hello(site: Site, session: str) -> None:
    async with RawSocket(site.port) as socket:
        await socket.connect(BOARD, session)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.BROKEN_PROTOCOL)


async def has_no_session_and_never_says_hello(site: Site) -> None:
    async with RawSocket(site.port) as socket:
        await socket.connect(BOARD, None)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.SIGNED_OUT)


async def leaves_and_is_no_longer_shown(site: Site, viewer: User, watcher: User) -> None:
    """This proves that the disconnect handler has run."""
    watching, viewing = [await session_of(person) for person in (watcher, viewer)]
    async with RawSocket(site.port) as other:
        await (await other.connect(BOARD, watching)).hello()
        async with RawSocket(site.port) as socket:
            await (await socket.connect(BOARD, viewing)).hello()
            assert await presence(other, viewer) is not None
        assert await presence(other, viewer) is None


async def session_of(person: User) -> str:
    client = await sync_to_async(signed_in)(Client(), person)
    return client.cookies["sessionid"].value


async def presence(socket: RawSocket, person: User) -> dict[str, Any] | None:
    """Returns the next presence row of this user."""
    key = f"presence:{person.pk}"
    while True:
        items = {item["key"]: item["row"] for item in (await socket.receive("latest"))["items"]}
        if key in items:
            row: dict[str, Any] | None = items[key]
            return row
