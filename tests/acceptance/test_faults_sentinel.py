"""The master of a Valkey with Sentinels dies: cache, boards, progress and tasks follow the next."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.models import Group, User
from django.utils import timezone

from jobs.models import Campaign
from monitoring import redis_client
from realtime.background import dispatch, progress, recovery
from realtime.circuit_breaker import CircuitBreaker
from realtime.database import run_in_db_thread
from realtime.layer_servers import group_name
from tests.acceptance.test_faults_work import now, started
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile, until
from tests.support.clients.websocket_client import visitor
from tests.support.external.valkey_server import ValkeyServer, valkey_sentinel, valkey_server
from tests.support.product import sample_tasks
from tests.support.product.brokers import sending_to
from tests.support.product.day_topics import autumn_board
from tests.support.product.doctor import doctor
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until as wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

BOARD = "/ws/board/autumn/"
PASSWORD = "se/cret"
PROTECTED = ("--requirepass", PASSWORD, "--masterauth", PASSWORD)
SENTINEL = """
sentinel monitor board 127.0.0.1 {port} 1
sentinel auth-pass board {password}
sentinel down-after-milliseconds board 500
sentinel failover-timeout board 2000
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A master, its replica, and two Sentinels, one of which is not there."""

    url: str
    master: ValkeyServer

    def port_of_master(self) -> int:
        address = redis_client.parse_sentinel(self.url)
        sentinel: Any = redis.Redis(port=address.sentinels[1][1])
        with sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name("board")[1])

    def listeners(self, topic: str) -> int:
        """How many processes listen to a topic at the present master; 0 while there is none."""
        return self.listeners_of_channel(group_name(topic))

    def listeners_of_channel(self, name: str) -> int:
        lost = (redis.ConnectionError, redis.TimeoutError)
        options = redis_client.TIMEOUTS
        with suppress(*lost), redis_client.connect(self.url, **options) as client:
            found: Any = client.pubsub_numsub(name)
            return int(found[0][1])
        return 0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as running:
        master = running.enter_context(valkey_server(tmp_path / "first", *PROTECTED))
        replica_of = ("--replicaof", "127.0.0.1", str(master.port))
        replica = running.enter_context(valkey_server(tmp_path / "second", *PROTECTED, *replica_of))
        settings = SENTINEL.format(port=master.port, password=PASSWORD)
        sentinel = running.enter_context(valkey_sentinel(tmp_path / "sentinel", settings))
        with redis.Redis(port=replica.port, password=PASSWORD) as client:
            wait_until(lambda: client.info("replication")["master_link_status"] == "up")
        with redis.Redis(port=sentinel.port) as client:
            wait_until(lambda: len(client.sentinel_slaves("board")) == 1)
        hosts = f"127.0.0.1:1,127.0.0.1:{sentinel.port}"
        yield Cluster(f"sentinel://:{PASSWORD.replace('/', '%2F')}@{hosts}/board/2", master)


@pytest.fixture(autouse=True)
def _no_groups_are_left(transactional_db: None) -> Iterator[None]:
    yield
    Group.objects.filter(name__regex="^g[0-9]$").delete()


async def test_the_site_follows_a_failover(
    site: Site, cluster: Cluster, lin: User, campaign: Campaign
) -> None:
    """No process is restarted, and no page is disconnected."""
    env = {"REDIS_URL": cluster.url}
    for name in ("relay", "web"):
        site.start(name, **env)
    site.start("worker", **env, **overridden_by("sample_tasks"))
    with sending_to(cluster.url):
        async with (
            visitor(site, lin) as coordinator,
            open_pages(*connectors(coordinator, BOARD)) as [page],
        ):
            await until(lambda: cluster.listeners(autumn_board()) == 1, "the hub listens", [page])
            await run_in_db_thread(run_task, "g1")
            assert (await coordinator.client.get("/joblist/")).status_code == 200
            cluster.master.process.kill()
            assert (await coordinator.client.get("/joblist/")).status_code == 200
            await until(
                lambda: cluster.port_of_master() != cluster.master.port, "a failover", [page]
            )
            await until(lambda: cluster.listeners(autumn_board()) == 1, "it listens again", [page])
            dispatch._breaker = CircuitBreaker(dispatch.BROKER_RETRY_SECONDS)
            await run_in_db_thread(run_task, "g2")
            await reconcile([page])
            assert page.connections == 1
    assert "  ok       redis       responds" in doctor(environment() | env)[1]


def test_progress_follows_a_master_that_hangs(site: Site, cluster: Cluster) -> None:
    """It keeps its connections, so that nothing tells the relay."""
    site.start("relay", REDIS_URL=cluster.url)
    name = progress.channel()
    wait_until(lambda: cluster.listeners_of_channel(name) == 1)
    os.kill(cluster.master.process.pid, signal.SIGSTOP)
    wait_until(lambda: cluster.port_of_master() != cluster.master.port)
    wait_until(lambda: cluster.listeners_of_channel(name) == 1)


def run_task(group: str) -> None:
    """Starts a task and waits for its end; a message that could not be sent is sent again."""
    run = started(sample_tasks.make_groups, [group])
    recovery.resend_lost_runs(timezone.now() + recovery.SEND_GRACE)
    wait_until(lambda: now(run).state == "succeeded")
