"""A failover to a replica that had not received the last changes, with two real servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.clients.board import Board
from tests.support.clients.simulated_clients import (
    Page,
    assert_pages_match,
    connectors,
    open_pages,
    until,
)
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.product.failover import Pair, primary_and_replica
from tests.support.product.processes import MANAGE, Running, Site
from tests.support.traffic.process import TrafficProcess, traffic_process

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # two servers and three processes, on a machine that may be busy
]

BOARD, TOPIC = "/ws/board/autumn/", "board.autumn"


@pytest.fixture
def pair(data_dir: Path) -> Iterator[Pair]:
    with primary_and_replica(data_dir) as pair:
        migration = Running("migrate", [*MANAGE, "migrate", "--verbosity", "0"], pair.env)
        assert migration.wait() == 0, migration.output
        yield pair


@asynccontextmanager
async def board_page(person: Visitor) -> AsyncIterator[Page]:
    async with open_pages(*connectors(person, BOARD)) as (page,):
        yield page


async def confirm(person: Visitor, key: str) -> None:
    path = f"/api/v1/interviews/{key.removeprefix('interview:')}/confirm/"
    answer = await person.post(path, {"version": 1})
    assert answer.status_code == 200, answer.text


def status(board: Board, key: str) -> Any:
    return board.rows[key]["status"]


async def answer_to_hello(person: Visitor, board: Board) -> tuple[dict[str, Any], dict[str, Any]]:
    """Opens a socket where this board ended; returns the welcome and the frame after it."""
    async with person.socket(BOARD) as socket:
        hello = {"type": "hello", "epoch": board.epoch, "position": board.position}
        await socket.send(json.dumps(hello))
        return json.loads(await socket.recv()), json.loads(await socket.recv())


async def test_a_browser_that_slept_through_a_failover_gets_a_fresh_snapshot(
    pair: Pair, site: Site
) -> None:
    """The replica lacks a change that the browser has seen; another one gets its position."""
    async with traffic_process(pair.env, rooms=2) as traffic:
        site.start("relay", **pair.env)
        site.start("web", **pair.env)
        async with visitor(site, User(username="lin")) as lin, board_page(lin) as page:
            lost, kept, later = interviews(page.board)
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
            welcome, snapshot = await answer_to_hello(lin, asleep)
            assert not welcome["resumed"]
            assert snapshot["type"] == "snapshot"
            fresh = await fresh_board(traffic)
            assert Board.from_snapshot(json.dumps(snapshot)).rows == fresh.rows
            assert [status(fresh, key) for key in (lost, kept, later)] == [
                *("scheduled", "confirmed", "confirmed"),
            ]


async def test_an_open_page_takes_a_snapshot_after_a_failover(pair: Pair, site: Site) -> None:
    async with traffic_process(pair.env, rooms=2) as traffic:
        site.start("relay", **pair.env)
        site.start("web", **pair.env)
        async with visitor(site, User(username="lin")) as lin, board_page(lin) as page:
            lost, _, later = interviews(page.board)
            await asyncio.to_thread(pair.start_replica)
            await asyncio.to_thread(pair.stop_streaming)
            await confirm(lin, lost)
            await until(lambda: status(page.board, lost) == "confirmed", "it was shown", [page])
            seen = page.board
            await asyncio.to_thread(pair.fail_over)
            await until_confirmed(traffic, lin, later, seen)
            await until(lambda: page.snapshots > 1, "the page has a new snapshot", [page])
            await assert_pages_match({TOPIC: await fresh_board(traffic)}, [page])
            assert page.board.epoch != seen.epoch
            assert page.faults == []


def interviews(board: Board) -> list[str]:
    """Returns the keys of three interviews that nobody has confirmed."""
    keys = sorted(key for key, row in board.rows.items() if row["kind"] == "interview")
    assert {status(board, key) for key in keys} == {"scheduled"}
    return keys[:3]


async def fresh_board(traffic: TrafficProcess) -> Board:
    return (await traffic.fresh_boards(TOPIC))[TOPIC]


async def until_confirmed(traffic: TrafficProcess, person: Visitor, key: str, seen: Board) -> None:
    """Confirms an interview, as soon as the site has found the new server.

    Afterwards the position that the old server gave last names another change: the premise.
    """
    path = f"/api/v1/interviews/{key.removeprefix('interview:')}/confirm/"

    async def is_confirmed() -> bool:
        return (await person.post(path, {"version": 1})).status_code == 200

    async with asyncio.timeout(60):
        while not await is_confirmed():  # noqa: ASYNC110 the server has no event
            await asyncio.sleep(0.2)
    fresh = await fresh_board(traffic)
    assert seen.position is not None
    assert fresh.position is not None
    assert fresh.position >= seen.position
