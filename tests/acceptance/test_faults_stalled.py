"""Changes do not arrive: every open page says within ten seconds that it may be old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.log.relay_activity import STALLED_SECONDS, read_activity
from realtime.models import TopicHead
from tests.factories import make_interview
from tests.support.clients.websocket_client import Visitor, Watcher, visitor, watching
from tests.support.faults.interleaving import Connection
from tests.support.product.day_topics import autumn_board
from tests.support.product.private_servers import private_servers
from tests.support.product.processes import Running, Site
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TOLD_WITHIN_SECONDS = 10.0
BOARD = "/ws/board/autumn/"
LISTS = (BOARD, "/ws/wall/autumn/", "/ws/me/", "/ws/tasks/", "/ws/ops/")


@pytest.fixture
def relay(site: Site) -> Running:
    relay = site.start("relay")
    site.start("web")
    return relay


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


@asynccontextmanager
async def every_list(person: Visitor) -> AsyncIterator[list[Watcher]]:
    """Opens all kinds of live lists, and waits until each is live."""
    async with AsyncExitStack() as opened:
        pages = [await opened.enter_async_context(watching(person, path)) for path in LISTS]
        await asyncio.gather(*(page.until_live(TOLD_WITHIN_SECONDS) for page in pages))
        yield pages


@contextmanager
def killed(site: Site, relay: Running, _interview: Interview) -> Iterator[None]:
    relay.kill()
    yield
    site.start("relay")


@contextmanager
def suspended(_site: Site, relay: Running, _interview: Interview) -> Iterator[None]:
    with relay.suspended():
        yield


@contextmanager
def blocked(_site: Site, _relay: Running, interview: Interview) -> Iterator[None]:
    """Another relay hangs in the middle of a transaction, with the board's head."""
    other = Connection()
    hanging = transaction.atomic()
    other.do(hanging.__enter__)
    try:
        other.do(lambda: TopicHead.objects.select_for_update().get(topic=autumn_board()))
        services.interview_check_in(
            interview_id=interview.pk, version=1, actor=Actor(user=None, source="test")
        )
        yield
    finally:  # else the tests that follow meet its lock
        other.do(hanging.__exit__, None, None, None)
        other.close()


Fault = Callable[[Site, Running, Interview], AbstractContextManager[None]]
FAULTS: dict[str, Fault] = {"killed": killed, "suspended": suspended, "blocked": blocked}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_list_tells_that_the_relay_does_not_work_until_it_does(
    site: Site, relay: Running, admin: User, interview: Interview, fault: str
) -> None:
    async with (
        visitor(site, admin) as person,
        every_list(person) as pages,
        AsyncExitStack() as ends,
    ):
        failing = ExitStack()
        ends.push_async_callback(sync_to_async(failing.close))
        before = timezone.now()
        await sync_to_async(failing.enter_context)(FAULTS[fault](site, relay, interview))
        since = await asyncio.gather(*(page.until_stalled(TOLD_WITHIN_SECONDS) for page in pages))
        assert all(abs(one - before) < timedelta(seconds=STALLED_SECONDS) for one in since)
        async with watching(person, BOARD) as late:
            await late.until_stalled(TOLD_WITHIN_SECONDS)
            await sync_to_async(failing.close)()
            await asyncio.gather(*(page.until_live(TOLD_WITHIN_SECONDS) for page in (*pages, late)))
        assert {page.connections for page in pages} == {1}


async def test_an_idle_board_with_a_working_relay_stays_live(
    site: Site, relay: Running, lin: User, campaign: Campaign
) -> None:
    async with visitor(site, lin) as person, watching(person, BOARD) as page:
        await page.until_live(TOLD_WITHIN_SECONDS)
        await page.until("counter:today")
        stalls, position = page.stalls, page.board.position
        began = timezone.now()
        await sync_to_async(until)(
            lambda: is_active_after(began + 3 * timedelta(seconds=STALLED_SECONDS))
        )
        assert (page.stalls, page.board.position) == (stalls, position), "it was idle, and live"


def is_active_after(moment: object) -> bool:
    activity = read_activity()
    connection.close()
    return activity is not None and activity.numbered_at > moment  # type: ignore[operator]


async def test_a_board_tells_that_the_database_does_not_answer(
    site: Site, data_dir: Path, lin: User, campaign: Campaign
) -> None:
    with private_servers(data_dir, "PostgreSQL") as servers:
        await sync_to_async(servers.copy_database)()
        site.start("relay", **servers.env)
        site.start("web", **servers.env)
        async with visitor(site, lin) as person, watching(person, BOARD) as page:
            await page.until_live(TOLD_WITHIN_SECONDS)
            servers.pause("PostgreSQL")
            await page.until_stalled(TOLD_WITHIN_SECONDS)
            servers.resume("PostgreSQL")
            await page.until_live(TOLD_WITHIN_SECONDS)
            assert page.connections == 1
