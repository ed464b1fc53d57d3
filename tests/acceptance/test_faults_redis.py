"""Without Redis boards stay live, only slower; hints work again when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.contrib.auth.models import User

from jobs.models import Campaign
from realtime.layer_servers import group_name
from realtime.log.topics import person
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile, until
from tests.support.clients.websocket_client import visitor
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Site, data_directory
from tests.support.traffic.generator import Step, plan_traffic, play, traffic_board

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BOARD, OWN = "/ws/board/autumn/", "/ws/me/"


@pytest.fixture
def valkey(data_dir: Path) -> Iterator[PrivateServers]:
    with private_servers(data_dir, "Valkey") as servers:
        yield servers


@pytest.fixture
def steps(campaign: Campaign, wu: User) -> list[Step]:
    return plan_traffic(campaign, rooms=3, interviewer=wu)


async def test_without_redis_boards_stay_live_and_new_pages_open(
    valkey: PrivateServers, site: Site, lin: User, wu: User, steps: list[Step]
) -> None:
    """Wu's topic is opened while Redis is away, so the hub must join its group later."""
    site.start("relay", **valkey.env)
    site.start("web", **valkey.env)
    async with (
        visitor(site, lin) as early,
        open_pages(*connectors(early, BOARD, 3)) as there_before,
    ):
        await play(steps[:10], lin)
        await reconcile(there_before)
        await asyncio.to_thread(valkey.kill, "Valkey")
        await play(steps[10:20], lin)
        await reconcile(there_before)
        async with (
            visitor(site, lin) as late,
            visitor(site, wu) as interviewer,
            open_pages(*connectors(late, BOARD), *connectors(interviewer, OWN)) as came_without,
        ):
            everybody = [*there_before, *came_without]
            await play(steps[20:30], lin)
            await reconcile(everybody)
            await asyncio.to_thread(valkey.start, "Valkey")
            topics = [traffic_board(), person(wu.pk)]
            await until(lambda: listeners(valkey, topics) == [1, 1], "the hub listens again")
            await play(steps[30:], lin)
            await reconcile(everybody)
            assert {page.connections for page in everybody} == {1}, "no page was disconnected"


async def test_a_layer_of_two_servers_carries_everything_and_survives_the_loss_of_one(
    valkey: PrivateServers, site: Site, lin: User, wu: User, steps: list[Step]
) -> None:
    """`autumn`'s board and Wu's own list may be on one server, so both are lost, one by one."""
    with data_directory() as directory, private_servers(directory, "Valkey") as other:
        both = ",".join(one.env["REDIS_URL"] for one in (valkey, other))
        env = valkey.env | {"LAYER_REDIS_URLS": both}
        site.start("relay", **env)
        site.start("web", **env)
        async with (
            visitor(site, lin) as coordinator,
            visitor(site, wu) as interviewer,
            open_pages(*connectors(coordinator, BOARD, 2), *connectors(interviewer, OWN)) as pages,
        ):
            topics = [traffic_board(), person(wu.pk)]
            await play(steps[:10], lin)
            await reconcile(pages)
            heard = [listeners(one, topics) for one in (valkey, other)]
            assert [sum(counts) for counts in zip(*heard, strict=True)] == [1, 1]
            for at, server in enumerate((other, valkey), 1):
                await asyncio.to_thread(server.kill, "Valkey")
                await play(steps[10 * at : 10 * at + 10], lin)
                await reconcile(pages)
                await asyncio.to_thread(server.start, "Valkey")
            await play(steps[30:], lin)
            await reconcile(pages)
            assert {page.connections for page in pages} == {1}, "no page was disconnected"


def listeners(servers: PrivateServers, topics: list[str]) -> list[int]:
    """Returns how many processes listen to the hints of each topic."""
    with redis.Redis.from_url(servers.env["REDIS_URL"]) as client:
        groups = [group_name(topic) for topic in topics]
        return [number for _group, number in client.pubsub_numsub(*groups)]
