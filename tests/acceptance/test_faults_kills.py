"""SIGKILL during traffic, for one process and server after the other."""

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
BURST = 13  # steps around each kill; four bursts are all steps of the rooms
BOARD, OWN = "/ws/board/autumn/", "/ws/me/"


@pytest.fixture
def servers(data_dir: Path) -> Iterator[PrivateServers]:
    with private_servers(data_dir, "PostgreSQL", "Valkey") as servers:
        migration = Running("migrate", [*MANAGE, "migrate", "--verbosity", "0"], servers.env)
        assert migration.wait() == 0, migration.output
        yield servers


async def test_a_killed_process_or_server_leaves_every_page_at_the_database_state(
    servers: PrivateServers, site: Site
) -> None:
    async with traffic_process(servers.env, rooms=ROOMS) as traffic:
        assert await traffic.ask(do="count steps") == 4 * BURST
        restarts = Restarts(site, servers)
        async with (
            visitor(site, User(username="lin")) as lin,
            visitor(site, User(username="wu")) as wu,
            open_pages(*connectors(lin, BOARD, 4), *connectors(wu, OWN)) as pages,
        ):
            await during_traffic(traffic, pages, lambda: restarts.process("web"))
            assert min(page.connections for page in pages) >= 2, "the premise: all were cut off"
            await during_traffic(traffic, pages, lambda: restarts.process("relay"))
            await during_traffic(traffic, pages, lambda: restarts.server("Valkey"))
            before = traffic.tries
            await during_traffic(traffic, pages, lambda: restarts.server("PostgreSQL"))
            assert traffic.tries - before > BURST, "the premise: a transaction was cut off"
            assert {page.snapshots for page in pages} == {1}, "a page that reconnects resumes"
        assert await traffic.ask(do="versions") == [list(LAST_VERSIONS)] * ROOMS


class Restarts:
    """Kills a process or server and starts it again at once."""

    def __init__(self, site: Site, servers: PrivateServers) -> None:
        self._site, self._servers = site, servers
        self._running = {name: site.start(name, **servers.env) for name in ("relay", "web")}

    def process(self, name: str) -> None:
        self._running[name].kill()
        self._running[name] = self._site.start(name, **self._servers.env)

    def server(self, name: str) -> None:
        self._servers.kill(name)
        self._servers.start(name)


async def during_traffic(
    traffic: TrafficProcess, pages: list[Page], kill: Callable[[], None]
) -> None:
    """Calls `kill` while steps are taken; then compares every page with the database."""
    before = traffic.taken
    playing = asyncio.create_task(traffic.play(BURST))
    await until(lambda: traffic.taken >= before + 4 or playing.done(), "some steps are taken")
    assert not playing.done(), "the premise: steps are still to come"
    await asyncio.to_thread(kill)
    await playing
    fresh = await traffic.fresh_boards(*{page.topic for page in pages})
    await assert_pages_match(fresh, pages)
