"""A new version is deployed behind the production nginx: no change is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import User

from realtime.database import run_in_db_thread
from tests.acceptance.test_faults_rolling import (
    BOARD,
    DRAIN,
    PAGES,
    ROOMS,
    _files_enough,
    all_are_back,
    other_site,
    roll,
    steps,
)
from tests.support.clients.simulated_clients import connector, open_pages, reconcile
from tests.support.clients.websocket_client import visitor
from tests.support.external.nginx import nginx
from tests.support.product.processes import Site
from tests.support.traffic.generator import LAST_VERSIONS, Step, play, versions

__all__ = ["_files_enough", "other_site", "steps"]  # fixtures

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
    pytest.mark.xdist_group("nginx"),
]


@pytest.fixture
def front(site: Site, other_site: Site, tmp_path: Path) -> Iterator[Site]:
    """nginx in front of two web processes."""
    site.start("relay")
    for one in (site, other_site):
        one.start("web", **DRAIN)
    with nginx(tmp_path, [site.port, other_site.port]) as edge:
        front = Site()
        front.port = edge.port
        yield front


async def test_five_hundred_sockets_behind_nginx_survive_both_restarts(
    front: Site, site: Site, other_site: Site, lin: User, steps: list[Step]
) -> None:
    asyncio.get_running_loop().set_debug(False)  # debug mode would be most of the work
    third = len(steps) // 3
    async with (
        visitor(front, lin) as person,
        open_pages(*[[connector(person, BOARD)]] * PAGES) as pages,
    ):
        await are_shared_out(site, other_site)
        reading = asyncio.create_task(read_all_the_time(person.client))
        await play(steps[:third], lin)
        await roll(site.running[-1], steps[third : 2 * third], lin)
        await asyncio.to_thread(site.start, "web", **DRAIN)
        await all_are_back(pages)
        await roll(other_site.running[-1], steps[2 * third :], lin)
        await asyncio.to_thread(other_site.start, "web", **DRAIN)
        await all_are_back(pages)
        await reconcile(pages)
        reading.cancel()
        read = await asyncio.gather(reading, return_exceptions=True)
        assert isinstance(read[0], asyncio.CancelledError), "pages were served all the time"
    goodbyes = {goodbye["code"] for page in pages for goodbye in page.goodbyes}
    assert goodbyes == {4001}, "the premise: both were stopped, and said so"
    assert {page.snapshots for page in pages} == {1}, "a page that reconnects resumes"
    assert await run_in_db_thread(versions, steps) == [LAST_VERSIONS] * ROOMS


async def are_shared_out(*sites: Site) -> None:
    """Asserts that all sockets pass nginx, and that each process has a share of them."""
    open_here = [await asyncio.to_thread(site.sockets_open) for site in sites]
    assert sum(open_here) == PAGES
    assert min(open_here) > PAGES // 5, open_here


async def read_all_the_time(client: httpx.AsyncClient) -> None:
    """Reads pages until it is cancelled; fails when one is not served."""
    while True:
        answer = await client.get("/board/autumn/")
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
