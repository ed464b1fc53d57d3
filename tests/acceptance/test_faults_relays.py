"""Two relays at once, one that is killed, and one that dies before it publishes."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from realtime.database import run_in_db_thread
from realtime.models import Change, TopicHead
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile
from tests.support.clients.websocket_client import visitor
from tests.support.product.processes import Running, Site, environment
from tests.support.traffic.generator import (
    LAST_VERSIONS,
    Step,
    number_pending,
    plan_traffic,
    play,
    take_with_retries,
    traffic_board,
    until_all_have_positions,
    versions,
)

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROOMS = 4
BOARD, OWN = "/ws/board/autumn/", "/ws/me/"
DYING_RELAY = """
import os, signal, django
django.setup()
from realtime.relay.numbering import assign_positions
assert assign_positions(), "nothing was pending"
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def steps(campaign: Campaign, wu: User) -> list[Step]:
    return plan_traffic(campaign, rooms=ROOMS, interviewer=wu)


async def test_two_relays_and_the_death_of_one_give_every_position_once(
    site: Site, lin: User, wu: User, steps: list[Step]
) -> None:
    relay, _other_relay = site.start("relay"), site.start("relay")
    site.start("web")
    async with (
        visitor(site, lin) as coordinator,
        visitor(site, wu) as interviewer,
        open_pages(*connectors(coordinator, BOARD, 4), *connectors(interviewer, OWN)) as pages,
    ):
        rooms = sorted({step.room for step in steps})
        some = [step for step in steps if step.room in rooms[: ROOMS // 2]]
        others = [step for step in steps if step not in some]
        half = len(some) // 2
        await asyncio.gather(play(some[:half], lin), play(others[:half], lin))
        rest = asyncio.gather(play(some[half:], lin), play(others[half:], lin))
        await asyncio.sleep(0)  # it has begun
        await asyncio.to_thread(relay.kill)
        await rest
        await reconcile(pages)
        assert {page.connections for page in pages} == {1}
        assert await run_in_db_thread(versions, steps) == [LAST_VERSIONS] * ROOMS
        given = await run_in_db_thread(given_positions)
        assert given == list(range(1, len(given) + 1)), "no gap and no position twice"


async def test_changes_numbered_by_a_relay_that_died_are_found_by_polling(
    site: Site, lin: User, steps: list[Step]
) -> None:
    """No relay is running, so only the hub's own poll of the database can bring the changes."""
    relay = site.start("relay")
    site.start("web")
    async with (
        visitor(site, lin) as coordinator,
        open_pages(*connectors(coordinator, BOARD, 2)) as pages,
    ):
        await until_all_have_positions()
        await reconcile(pages)
        await asyncio.to_thread(relay.kill)
        before = pages[0].board.position
        for step in steps[:10]:
            await run_in_db_thread(take_with_retries, step, lin)
        assert await run_in_db_thread(number_pending) > 0, "the premise: changes without positions"
        dying = Running("dying relay", [sys.executable, "-c", DYING_RELAY], dying_environment())
        assert await asyncio.to_thread(dying.wait) == -signal.SIGKILL, dying.output
        await reconcile(pages)
        assert pages[0].board.position > before
        assert {page.connections for page in pages} == {1}


def given_positions() -> list[int]:
    """Returns all positions in the board's log; asserts that the head agrees."""
    changes = Change.objects.filter(topic=traffic_board()).order_by("position")
    positions = list(changes.values_list("position", flat=True))
    assert positions[-1] == TopicHead.objects.get(topic=traffic_board()).position
    return positions


def dying_environment() -> dict[str, str]:
    return environment() | {"DJANGO_SETTINGS_MODULE": "project.settings"}
