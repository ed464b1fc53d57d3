"""The web processes of the contract tests: one per server, for all tests of a module."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Campaign
from tests.people import signed_in
from tests.support.clients.raw_socket import RawSocket
from tests.support.product.processes import Site

SERVERS = ("daphne", "uvicorn")
EMPTY_WITHIN_SECONDS = 60.0
BOARD = "/ws/board/autumn/"


# A group per server: each server then starts in one worker, not in all.
@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SERVERS],
)
def server(request: pytest.FixtureRequest) -> str:
    """The name of the server under test. A module's tests run once per server."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def shared_site(server: str, django_db_setup: None) -> Iterator[Site]:
    with running_site(server) as site:
        yield site


@contextmanager
def running_site(server: str) -> Iterator[Site]:
    """Runs a web process with this server."""
    with Site() as site:
        # The neighbour does not read during a test, so it must get no ping that it has to answer.
        site.start("web", WEB_SERVER=server, SOCKET_PING_SECONDS="30")
        yield site


@pytest.fixture
async def serving(shared_site: Site, transactional_db: None) -> AsyncIterator[Site]:
    """A running web process. Each test must leave it running and without open sockets.

    A topic that is still followed would carry the rows of one test into the next.
    """
    yield shared_site
    await all_sockets_closed(shared_site)


async def all_sockets_closed(site: Site) -> None:
    """Waits until the web process serves no socket."""
    async with asyncio.timeout(EMPTY_WITHIN_SECONDS):
        while await asyncio.to_thread(site.sockets_open):  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0.05)


@pytest.fixture
async def session(lin: User, campaign: Campaign) -> str:
    """The session of Lin, who may follow the board."""
    client = await sync_to_async(signed_in)(Client(), lin)
    return client.cookies["sessionid"].value


@pytest.fixture
async def neighbour(serving: Site, session: str) -> AsyncIterator[RawSocket]:
    """Another socket of the same process, which must not be affected."""
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session)
        await socket.hello()
        yield socket
        assert await socket.responds(), "the neighbour was disturbed"
