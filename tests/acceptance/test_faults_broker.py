"""The broker hangs, dies and returns, or is RabbitMQ: pages do not wait and no task is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from jobs.imports import queue, runs
from jobs.models import Campaign, Candidate
from jobs.models.imports import ImportRun
from project.embedded import celery_url
from realtime.background import dispatch, recovery
from realtime.circuit_breaker import CircuitBreaker
from tests.acceptance.test_faults_work import held_up, now, started
from tests.acceptance.test_faults_worker import NOBODY_ENTERS
from tests.support.external.rabbitmq import rabbitmq
from tests.support.product import sample_tasks
from tests.support.product.brokers import sending_to
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

# True when the import has created its candidates and waits for the lock on the campaign's table.
IS_HALFWAY = """
SELECT count(*) > 0 FROM pg_locks
WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""
A_PAGE_WAITS_SECONDS = 4.0  # two attempts of a second each, on a busy machine


@pytest.fixture(autouse=True)
def _no_groups_are_left(transactional_db: None) -> Iterator[None]:
    yield
    Group.objects.filter(name__regex="^g[0-9]$").delete()


def test_a_task_survives_its_broker_and_tasks_queued_meanwhile_run_later(
    data_dir: Path, site: Site
) -> None:
    with private_servers(data_dir, "Valkey") as servers:
        broker = celery_url(servers.env["REDIS_URL"])
        with sending_to(broker):
            site.start("worker", **worker_at(broker))
            with held_up("g2"):
                under_way = started(sample_tasks.make_groups, ["g1", "g2"])
                until(lambda: now(under_way).state == "running")
                with suspended(servers):
                    asked = time.monotonic()
                    meanwhile = started(sample_tasks.make_groups, ["g3"])
                    waited = time.monotonic() - asked
                    started(sample_tasks.make_groups, ["g4"])
                    waited_again = time.monotonic() - asked - waited
                servers.kill("Valkey")
            until(lambda: now(under_way).state == "succeeded")
            assert waited < A_PAGE_WAITS_SECONDS
            assert waited_again < waited, "the next page does not wait again"
            assert (now(meanwhile).state, now(meanwhile).sent_at) == ("queued", None)
            servers.start("Valkey")
            dispatch._breaker = CircuitBreaker(dispatch.BROKER_RETRY_SECONDS)
            assert recovery.resend_lost_runs(timezone.now() + recovery.SEND_GRACE) == 2
            until(lambda: now(meanwhile).state == "succeeded")
            assert now(under_way).deliveries == 1
    print(f"A page waited {waited:.2f} s for a broker that hangs, then {waited_again:.3f} s")  # noqa: T201


def test_with_rabbitmq_an_import_whose_worker_is_killed_is_done_once(
    site: Site, lin: User, campaign: Campaign
) -> None:
    """RabbitMQ itself delivers the message again when the worker's connection is lost."""
    with rabbitmq() as broker, sending_to(broker):
        first = site.start("worker", **worker_at(broker))
        content = b"name,mobile\nAda,18900000001\nAlan,18900000002\n"
        run = runs.import_run_create(
            content=content, file_name="a.csv", campaign=campaign, owner=lin
        )
        with psycopg.connect(environment()["DATABASE_URL"]) as holder:
            holder.execute(NOBODY_ENTERS)
            task = queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=lin)
            until(lambda: holder.execute(IS_HALFWAY).fetchone() == (True,))
            first.kill()
        assert (now(task).state, Candidate.objects.count()) == ("running", 0), "the premise"
        site.start("worker", **worker_at(broker))
        until(lambda: now(task).finished_at)
        assert (now(task).state, now(task).deliveries, now(task).done) == ("succeeded", 2, 2)
        run.refresh_from_db()
        assert (run.state, run.new, run.known) == (ImportRun.State.APPLIED, 2, 0)
        assert Candidate.objects.count() == 2


def worker_at(broker: str) -> dict[str, str]:
    """Returns the settings of a worker with the sample tasks, at this broker."""
    return overridden_by("sample_tasks") | {"BROKER_URL": broker}


@contextmanager
def suspended(servers: PrivateServers) -> Iterator[None]:
    """Suspends Valkey: it keeps and accepts connections, and answers nothing."""
    pid = servers.pid_of("Valkey")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
