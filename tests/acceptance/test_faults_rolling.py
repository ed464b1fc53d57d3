"""A new version is deployed while five hundred pages are open: they only see a short pause."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from realtime.database import run_in_db_thread
from tests.support.clients.simulated_clients import Page, connector, open_pages, reconcile, until
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.product.processes import Running, Site
from tests.support.traffic.generator import LAST_VERSIONS, Step, plan_traffic, play, versions

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
]

PAGES = 500
ROOMS = 2
BOARD = "/ws/board/autumn/"
FILES_NEEDED = 4096
DRAIN = {"DRAIN_SECONDS": "2", "SOCKET_PING_SECONDS": "30"}


@pytest.fixture(autouse=True)
def _files_enough() -> Iterator[None]:
    """Raises the limit of open files: each socket needs one here and one in the web process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(FILES_NEEDED, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def other_site() -> Iterator[Site]:
    """A second web process at another address; the two share everything else."""
    with Site() as other:
        yield other


@pytest.fixture
def steps(campaign: Campaign) -> list[Step]:
    return plan_traffic(campaign, rooms=ROOMS)


async def test_a_rolling_restart_with_five_hundred_sockets_loses_no_row(
    site: Site, other_site: Site, lin: User, steps: list[Step]
) -> None:
    asyncio.get_running_loop().set_debug(False)  # debug mode would be most of the work
    site.start("relay")
    first, second = site.start("web", **DRAIN), other_site.start("web", **DRAIN)
    third = len(steps) // 3
    async with visitor(site, lin) as person:
        elsewhere = Visitor(other_site, person.client)
    addresses = [connector(person, BOARD), connector(elsewhere, BOARD)]
    lines = [addresses, addresses[::-1]] * (PAGES // 2)
    async with open_pages(*lines) as pages:
        await play(steps[:third], lin)
        await roll(first, steps[third : 2 * third], lin)
        await asyncio.to_thread(site.start, "web", **DRAIN)
        await all_are_back(pages)
        await roll(second, steps[2 * third :], lin)
        await all_are_back(pages)
        await reconcile(pages)
        goodbyes = [goodbye for page in pages for goodbye in page.goodbyes]
        assert all(page.goodbyes for page in pages), "the premise: both were stopped"
        assert {goodbye["code"] for goodbye in goodbyes} == {4001}
        assert {code for page in pages for code in page.close_codes} == {4001}
        waits = {goodbye["retry_after_ms"] for goodbye in goodbyes}
        assert len(waits) > PAGES // 2, "they must not all come back at once"
        assert {page.snapshots for page in pages} == {1}, "a page that reconnects resumes"
        assert await run_in_db_thread(versions, steps) == [LAST_VERSIONS] * ROOMS


async def roll(web: Running, steps: list[Step], by: User) -> None:
    """Asks one web process to stop while the board changes."""
    stopped = asyncio.create_task(asyncio.to_thread(web.terminate))
    await play(steps, by)
    assert await stopped == 0
    assert "Drained; 0 requests or sockets were cut short" in web.output


async def all_are_back(pages: list[Page]) -> None:
    """Waits until every page is connected again."""
    await until(lambda: all(page.socket for page in pages), "all are back", pages)
