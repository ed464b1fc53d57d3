"""The real processes: everybody concerned sees a change, also after a restart."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from interview.models import Interview, Room
from jobs.models import Campaign
from realtime.log.reader import take_snapshot
from tests.factories import make_interview
from tests.support.clients.board import Board
from tests.support.clients.websocket_client import Visitor, visitor, watching
from tests.support.product.day_topics import autumn_board
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BOARD = "/ws/board/autumn/"


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


@pytest.fixture
def running(site: Site) -> Site:
    site.start("relay")
    site.start("web")
    return site


async def do(person: Visitor, interview: Interview, action: str, version: int) -> None:
    answer = await person.post(f"/api/v1/interviews/{interview.pk}/{action}/", {"version": version})
    assert answer.status_code == 200, answer.text


async def fresh_board() -> Board:
    return Board.from_snapshot(await sync_to_async(take_snapshot)(autumn_board()))


async def test_a_check_in_shows_to_other_coordinators_and_to_the_interviewer(
    running: Site, lin: User, admin: User, wu: User, interview: Interview
) -> None:
    key = f"interview:{interview.pk}"
    async with (
        visitor(running, lin) as one,
        visitor(running, admin) as two,
        visitor(running, wu) as three,
        watching(two, BOARD) as board,
        watching(three, "/ws/me/") as own,
    ):
        await do(one, interview, "check-in", 1)
        await board.until(key, status="arrived", version=2)
        await own.until(key, status="arrived", version=2)
        assert "arrived" in {row.get("event") for row in own.board.rows.values()}


async def test_after_the_web_process_is_killed_pages_come_back_and_miss_nothing(
    running: Site, lin: User, interview: Interview
) -> None:
    web = running.process("web")
    key = f"interview:{interview.pk}"
    async with visitor(running, lin) as person, watching(person, BOARD) as board:
        await do(person, interview, "confirm", 1)
        await board.until(key, status="confirmed")
        await sync_to_async(web.kill)()
        await sync_to_async(running.start)("web")
        await do(person, interview, "check-in", 2)
        await board.until(key, status="arrived")
        await board.until("counter:arrived", value=1)  # it comes at most once a second
        assert board.connections == 2
        assert board.snapshots == 1, "it resumed; the board was not sent again"
        assert board.board.rows == (await fresh_board()).rows


async def test_changes_made_while_the_relay_is_dead_show_when_it_is_back(
    running: Site, lin: User, interview: Interview
) -> None:
    relay = running.process("relay")
    key = f"interview:{interview.pk}"
    async with visitor(running, lin) as person, watching(person, BOARD) as board:
        await sync_to_async(relay.kill)()
        await do(person, interview, "confirm", 1)
        await do(person, interview, "check-in", 2)
        assert board.board.rows[key]["status"] == "scheduled", "the premise: nobody relays"
        await sync_to_async(running.start)("relay")
        await board.until(key, status="arrived", version=3)


async def test_a_board_larger_than_the_limit_for_clients_arrives_whole(
    running: Site, lin: User, campaign: Campaign
) -> None:
    """The server accepts 64 KiB at most; what it sends has no such limit."""
    rooms = [Room(campaign=campaign, name=f"A-{number}") for number in range(600)]
    await sync_to_async(Room.objects.bulk_create)(rooms)
    async with visitor(running, lin) as person, person.socket(BOARD) as socket:
        await socket.send('{"type":"hello","epoch":null,"position":null}')
        await socket.recv()
        snapshot = await socket.recv()
        assert len(snapshot) > 64 * 1024
        assert len(json.loads(snapshot)["rows"]) > 600
        await socket.send("x" * (64 * 1024 + 1))
        await socket.wait_closed()
        assert socket.close_code == 1009, "message too big, by RFC 6455"
