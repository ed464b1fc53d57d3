"""Redis answers with errors: pages and tasks wait for it, and the worker connects again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import timezone

from project.embedded import celery_url
from realtime.background import dispatch, recovery
from realtime.circuit_breaker import CircuitBreaker
from tests.acceptance.test_faults_work import held_up, now, started
from tests.support.clients.websocket_client import visitor
from tests.support.product import sample_tasks
from tests.support.product.brokers import sending_to
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Running, Site
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

HEALTH = [sys.executable, str(settings.BASE_DIR / "deploy" / "health.py")]
AN_HOUR = 3600


class Valkey:
    """A Valkey that refuses writes for a real reason, and its address as broker."""

    def __init__(self, servers: PrivateServers, data_dir: Path) -> None:
        self._files = data_dir / "valkey"
        self.url = servers.env["REDIS_URL"]
        self.client: redis.Redis = redis.Redis.from_url(self.url)

    def be_replica(self) -> None:
        """READONLY: a replica whose master is gone, as after a failover."""
        self.client.replicaof("127.0.0.1", "1")

    def be_master(self) -> None:
        self.client.replicaof("NO", "ONE")

    def miss_replicas(self) -> None:
        """NOREPLICAS"""
        self.client.config_set("min-replicas-to-write", 1)

    def need_no_replicas(self) -> None:
        self.client.config_set("min-replicas-to-write", 0)

    def fail_to_save(self) -> None:
        """MISCONF: the directory of its snapshots is gone."""
        shutil.rmtree(self._files)
        self.client.config_set("save", f"{AN_HOUR} 1")
        self.client.bgsave()
        until(lambda: self.client.info("persistence")["rdb_last_bgsave_status"] == "err")

    def save(self) -> None:
        self.client.config_set("save", "")
        self._files.mkdir()

    def be_full(self) -> None:
        """OOM"""
        self.client.config_set("maxmemory", 1)

    def have_room(self) -> None:
        self.client.config_set("maxmemory", 0)


FAULTS: dict[str, tuple[Callable[[Valkey], None], Callable[[Valkey], None]]] = {
    "READONLY": (Valkey.be_replica, Valkey.be_master),
    "NOREPLICAS": (Valkey.miss_replicas, Valkey.need_no_replicas),
    "MISCONF": (Valkey.fail_to_save, Valkey.save),
    "OOM": (Valkey.be_full, Valkey.have_room),
}


@pytest.fixture(autouse=True)
def _no_groups_are_left(transactional_db: None) -> Iterator[None]:
    yield
    Group.objects.filter(name__regex="^g[0-9]$").delete()


@pytest.fixture
def valkey(data_dir: Path) -> Iterator[Valkey]:
    with private_servers(data_dir, "Valkey") as servers:
        yield Valkey(servers, data_dir)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_outlives_errors_of_its_broker(
    site: Site, valkey: Valkey, tmp_path: Path, fault: str
) -> None:
    """The task that it was executing ends; what was queued meanwhile runs later."""
    refuse, accept = FAULTS[fault]
    heartbeat = tmp_path / "heartbeat"
    with sending_to(celery_url(valkey.url)):
        worker = site.start(
            "worker",
            **overridden_by("sample_tasks"),
            REDIS_URL=valkey.url,
            HEARTBEAT_PATH=str(heartbeat),
        )
        with held_up("g2"):
            under_way = started(sample_tasks.make_groups, ["g1", "g2"])
            until(lambda: now(under_way).state == "running")
            refuse(valkey)
            with pytest.raises(redis.RedisError):
                valkey.client.set("premise", "refused")
            meanwhile = started(sample_tasks.make_groups, ["g3"])
            assert (now(meanwhile).state, now(meanwhile).sent_at) == ("queued", None)
        until(lambda: now(under_way).state == "succeeded")
        touched = heartbeat.stat().st_mtime
        until(lambda: heartbeat.stat().st_mtime > touched)
        assert worker.is_alive()
        accept(valkey)
        dispatch._breaker = CircuitBreaker(dispatch.BROKER_RETRY_SECONDS)
        assert recovery.resend_lost_runs(timezone.now() + recovery.SEND_GRACE) == 1
        until(lambda: now(meanwhile).state == "succeeded")
        assert now(under_way).deliveries == 1


async def test_pages_work_while_redis_refuses_writes(site: Site, valkey: Valkey, lin: User) -> None:
    site.start("relay", REDIS_URL=valkey.url)
    site.start("web", REDIS_URL=valkey.url)
    valkey.be_replica()
    async with visitor(site, lin) as coordinator:
        for page in ("/joblist/", "/me/settings/", "/candidates/", "/tasks/"):
            answer = await coordinator.client.get(page)
            assert answer.status_code < 400, page
    valkey.be_master()


def test_the_health_check_of_a_worker_asks_its_main_loop(site: Site, tmp_path: Path) -> None:
    """The thread of the metrics port still answers while the main loop hangs."""
    env = {"HEARTBEAT_PATH": str(tmp_path / "heartbeat"), "METRICS_PORT": "0"}
    assert not is_healthy(env), "before its start"
    worker = site.start("worker", **env)
    until(lambda: is_healthy(env))
    suspend(worker, tmp_path / "heartbeat")
    assert not is_healthy(env)
    os.kill(worker.pid, signal.SIGCONT)
    until(lambda: is_healthy(env))


def suspend(worker: Running, heartbeat: Path) -> None:
    """Suspends the main process, and lets a minute pass on the clock of its file."""
    os.kill(worker.pid, signal.SIGSTOP)
    a_minute_ago = heartbeat.stat().st_mtime - 60
    os.utime(heartbeat, (a_minute_ago, a_minute_ago))


def is_healthy(env: dict[str, str]) -> bool:
    return subprocess.run(HEALTH, env=os.environ | env, check=False).returncode == 0
