"""Behind the real nginx each client keeps its own address: a flood from one blocks no other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import User
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from jobs.models import Campaign
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.external.nginx import nginx
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("nginx"),
]

FLOODING, QUIET = "127.0.0.2", "127.0.0.3"  # all of 127.0.0.0/8 is this machine
TOO_MANY = 4029
HELLO = json.dumps({"type": "hello", "epoch": None, "position": None})


@pytest.fixture
def front(site: Site, tmp_path: Path) -> Iterator[Site]:
    """nginx in front of a web process that trusts it, with one socket allowed for each address."""
    site.start(
        "web",
        TRUSTED_PROXIES="127.0.0.1/32",
        RATE_LIMITS="anonymous_day=2/day",
        SOCKETS_PER_ADDRESS="1",
    )
    with nginx(tmp_path, [site.port]) as edge:
        front = Site()
        front.port = edge.port
        yield front


def ask(front: Site, address: str, **headers: str) -> int:
    """Returns the status of an anonymous API call from this address."""
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
        return client.get(f"{front.url}/api/v1/interviews/", headers=headers).status_code


def test_forged_headers_do_not_help_a_flood_and_other_addresses_are_served(
    front: Site,
) -> None:
    forged = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]
    assert [ask(front, FLOODING, **headers) for headers in forged] == [401, 401, 429]
    assert ask(front, QUIET, **{"X-Forwarded-For": FLOODING}) == 401
    assert ask(front, QUIET) == 401


async def test_the_socket_limit_counts_the_real_client_address(
    front: Site, lin: User, campaign: Campaign
) -> None:
    async with visitor(front, lin) as person, entered(person, FLOODING) as first:
        assert json.loads(await first.recv())["type"] == "welcome"
        async with entered(person, FLOODING) as second:
            await second.wait_closed()
            assert second.close_code == TOO_MANY
        async with entered(person, QUIET) as other:
            assert json.loads(await other.recv())["type"] == "welcome"


@asynccontextmanager
async def entered(person: Visitor, address: str) -> AsyncIterator[ClientConnection]:
    """Opens a board's socket from this address and sends hello, unless it was closed before."""
    async with person.socket("/ws/board/autumn/", local_addr=(address, 0)) as socket:
        with suppress(ConnectionClosed):
            await socket.send(HELLO)
        yield socket
