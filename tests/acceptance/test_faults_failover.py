"""A failover to a replica that had not received the last changes, with two real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.support.clients.board import Board
from tests.support.clients.board_visits import (
    BOARD,
    confirm,
    interviews,
    number_of_interviews,
    snapshot_after_hello,
    status,
)
from tests.support.clients.simulated_clients import (
    Page,
    connectors,
    open_pages,
    until,
)
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.product.failover import Pair, primary_and_replica
from tests.support.product.processes import MANAGE, Running, Site
from tests.support.traffic.generator import traffic_board
from tests.support.traffic.process import TrafficProcess, traffic_process

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # two servers and three processes, on a machine that may be busy
]


@pytest.fixture
def pair(data_dir: Path) -> Iterator[Pair]:
    with primary_and_replica(data_dir) as pair:
        migration = Running("migrate", [*MANAGE, "migrate", "--verbosity", "0"], pair.env)
        assert migration.wait() == 0, migration.output
        yield pair


@asynccontextmanager
async def board_page(person: Visitor) -> AsyncIterator[Page]:
    """A page that shows the two interviews of each of the two rooms."""
    async with open_pages(*connectors(person, BOARD)) as (page,):
        await until(lambda: number_of_interviews(page.board) == 4, "all are shown", [page])
        yield page


async def test_a_browser_that_slept_through_a_failover_gets_a_fresh_snapshot(
    pair: Pair, site: Site
) -> None:
    """The replica lacks a change that the browser has seen; another one gets its position."""
    async with traffic_process(pair.env, rooms=2) as traffic:
        site.start("relay", **pair.env)
        site.start("web", **pair.env)
        async with visitor(site, User(username="lin")) as lin, board_page(lin) as page:
            lost, kept, *later = interviews(page.board)
            await confirm(lin, kept)
            await until(lambda: status(page.board, kept) == "confirmed", "all is well", [page])
            await asyncio.to_thread(pair.start_replica)
            await asyncio.to_thread(pair.stop_streaming)
            await confirm(lin, lost)
            await until(lambda: status(page.board, lost) == "confirmed", "it was shown", [page])
            await traffic.fresh_boards()  # all changes have their positions
            page.task.cancel()
            asleep = page.board
            await asyncio.to_thread(pair.fail_over)
            await until_confirmed(traffic, lin, later, asleep)
            fresh = await snapshot_after_hello(lin, asleep)
            assert fresh.rows == (await fresh_board(traffic)).rows
            assert status(fresh, lost) == "scheduled"
            assert {status(fresh, key) for key in (kept, *later)} == {"confirmed"}


async def test_an_open_page_takes_a_snapshot_after_a_failover(pair: Pair, site: Site) -> None:
    async with traffic_process(pair.env, rooms=2) as traffic:
        site.start("relay", **pair.env)
        site.start("web", **pair.env)
        async with visitor(site, User(username="lin")) as lin, board_page(lin) as page:
            lost, *later = interviews(page.board)
            await asyncio.to_thread(pair.start_replica)
            await asyncio.to_thread(pair.stop_streaming)
            await confirm(lin, lost)
            await until(lambda: status(page.board, lost) == "confirmed", "it was shown", [page])
            seen = page.board
            await asyncio.to_thread(pair.fail_over)
            await until_confirmed(traffic, lin, later, seen)
            await until(lambda: page.snapshots > 1, "the page has a new snapshot", [page])
            fresh = await fresh_board(traffic)
            reached = (fresh.epoch, fresh.position)
            await until(
                lambda: (page.board.epoch, page.board.position) == reached, "all caught up", [page]
            )
            assert page.board.rows == fresh.rows
            assert page.board.epoch != seen.epoch
            # Before the first numbering, a snapshot of the replica may go back in the old epoch.
            assert [one for one in page.faults if "snapshot out of order" not in one] == []


async def fresh_board(traffic: TrafficProcess) -> Board:
    return (await traffic.fresh_boards(traffic_board()))[traffic_board()]


async def until_confirmed(
    traffic: TrafficProcess, person: Visitor, keys: list[str], seen: Board
) -> None:
    """Confirms these interviews, as soon as the site has found the new server.

    Afterwards the position that the old server gave last names another change: the premise.
    """

    async def is_confirmed() -> bool:
        path = f"/api/v1/interviews/{keys[0].removeprefix('interview:')}/confirm/"
        return (await person.post(path, {"version": 1})).status_code == 200

    async with asyncio.timeout(60):
        while not await is_confirmed():  # noqa: ASYNC110 the server has no event
            await asyncio.sleep(0.2)
    for key in keys[1:]:
        await confirm(person, key)
    fresh = await fresh_board(traffic)
    assert seen.position is not None
    assert fresh.position is not None
    assert fresh.position >= seen.position
