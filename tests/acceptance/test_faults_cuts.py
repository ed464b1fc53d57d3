"""Sockets are cut and wake-ups are lost: no page misses a row or applies one twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from realtime.database import run_in_db_thread
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile, until
from tests.support.clients.websocket_client import visitor
from tests.support.faults.failure_injection import cut_at_random
from tests.support.product.processes import Running, Site
from tests.support.product.settings import overridden_by
from tests.support.traffic.generator import (
    LAST_VERSIONS,
    Step,
    plan_traffic,
    play,
    play_numbered,
    versions,
)

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROOMS = 4
BOARD, WALL, OWN = "/ws/board/autumn/", "/ws/wall/autumn/", "/ws/me/"


@pytest.fixture
def steps(campaign: Campaign, wu: User) -> list[Step]:
    return plan_traffic(campaign, rooms=ROOMS, interviewer=wu)


async def test_sockets_that_are_cut_at_random_end_at_the_state_of_the_database(
    site: Site, lin: User, wu: User, steps: list[Step]
) -> None:
    site.start("relay")
    site.start("web")
    async with (
        visitor(site, lin) as coordinator,
        visitor(site, wu) as interviewer,
        open_pages(
            *connectors(coordinator, BOARD, 4),
            *connectors(coordinator, WALL),
            *connectors(interviewer, OWN),
        ) as pages,
    ):
        traffic = asyncio.create_task(play(steps, lin, every_seconds=0.05))
        cuts = await cut_at_random(pages, traffic, at_least=2)
        await traffic
        assert cuts >= 2 * len(pages)
        all_back = len(pages) + cuts
        await until(lambda: sum(page.connections for page in pages) == all_back, "all are back")
        await reconcile(pages)
        assert sum(page.resumed_over for page in pages) > 0, "the premise: changes were missed"
        assert {page.snapshots for page in pages} == {1}, "a page that reconnects resumes"
        assert await run_in_db_thread(versions, steps) == [LAST_VERSIONS] * ROOMS


async def test_lost_doubled_and_reordered_wake_ups_cost_no_row(
    site: Site, lin: User, wu: User, steps: list[Step]
) -> None:
    faulty = overridden_by("unreliable_layer")
    relay = site.start("relay", **faulty)
    site.start("web", **faulty)
    async with (
        visitor(site, lin) as coordinator,
        open_pages(*connectors(coordinator, BOARD, 4)) as pages,
    ):
        await play_numbered(steps, lin)
        await reconcile(pages)
        assert {page.connections for page in pages} == {1}, "the hub fills the gaps"
        outcomes = hints(relay)
        announced = len(steps) - 2 * ROOMS  # the others are rolled back
        assert sum(outcomes.values()) >= announced, "the premise: a hint for every step"
        tens = announced // 10
        assert outcomes["lost"] >= 3 * tens
        assert outcomes["doubled"] >= tens
        assert outcomes["held back"] >= 3 * tens


def hints(process: Running) -> Counter[str]:
    """Counts the outcomes that this process has logged."""
    return Counter(line.split("A hint was ")[1] for line in process.lines if "A hint was " in line)
