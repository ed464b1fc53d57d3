"""SIGKILL in the middle of the traffic, to one process and server after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.support.clients.simulated_clients import (
    Page,
    assert_pages_match,
    connectors,
    open_pages,
    until,
)
from tests.support.clients.websocket_client import visitor
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import MANAGE, Running, Site
from tests.support.traffic.generator import LAST_VERSIONS
from tests.support.traffic.process import TrafficProcess, traffic_process

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
]

ROOMS = 4
BURST = 13  # steps around each death: four of them are all that happens in the rooms
BOARD, OWN = "/ws/board/autumn/", "/ws/me/"


@pytest.fixture
def servers(data_dir: Path) -> Iterator[PrivateServers]:
    with private_servers(data_dir, "PostgreSQL", "Valkey") as servers:
        migration = Running("migrate", [*MANAGE, "migrate", "--verbosity", "0"], servers.env)
        assert migration.wait() == 0, migration.output
        yield servers


async def test_whoever_is_killed_under_traffic_every_page_ends_at_the_state_of_the_database(
    servers: PrivateServers, site: Site
) -> None:
    async with traffic_process(servers.env, rooms=ROOMS) as hand:
        assert await hand.ask(do="count steps") == 4 * BURST
        killed = Killed(site, servers)
        async with (
            visitor(site, User(username="lin")) as lin,
            visitor(site, User(username="wu")) as wu,
            open_pages(*connectors(lin, BOARD, 4), *connectors(wu, OWN)) as pages,
        ):
            await in_the_middle(hand, pages, lambda: killed.process("web"))
            assert min(page.connections for page in pages) >= 2, "the premise: all were cut off"
            await in_the_middle(hand, pages, lambda: killed.process("relay"))
            await in_the_middle(hand, pages, lambda: killed.server("Valkey"))
            calm = hand.tries
            await in_the_middle(hand, pages, lambda: killed.server("PostgreSQL"))
            assert hand.tries - calm > BURST, "the premise: a transaction was cut off"
            assert {page.snapshots for page in pages} == {1}, "whoever comes back resumes"
        assert await hand.ask(do="versions") == [list(LAST_VERSIONS)] * ROOMS


class Killed:
    """Kills, and starts again at once."""

    def __init__(self, site: Site, servers: PrivateServers) -> None:
        self._site, self._servers = site, servers
        self._running = {name: site.start(name, **servers.env) for name in ("relay", "web")}

    def process(self, name: str) -> None:
        self._running[name].kill()
        self._running[name] = self._site.start(name, **self._servers.env)

    def server(self, name: str) -> None:
        self._servers.kill(name)
        self._servers.start(name)


async def in_the_middle(hand: TrafficProcess, pages: list[Page], die: Callable[[], None]) -> None:
    """Some steps before, the death while they are taken, the rest after; then hold everybody
    against the database.
    """
    before = hand.taken
    traffic = asyncio.create_task(hand.play(BURST))
    await until(lambda: hand.taken >= before + 4 or traffic.done(), "the traffic flows")
    assert not traffic.done(), "the premise: it goes on"
    await asyncio.to_thread(die)
    await traffic
    fresh = await hand.fresh_boards(*{page.topic for page in pages})
    await assert_pages_match(fresh, pages)
