"""A worker's child processes are replaced, and what they have counted stays."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from celery import current_app
from django.conf import settings

from realtime.background import tracked_tasks
from realtime.models import TaskRun
from realtime.tasks import heartbeat
from tests.support.contracts.metrics_http import Scrape, address, scrape
from tests.support.product import sample_tasks
from tests.support.product.processes import (
    CELERY,
    WORKER_OPTIONS,
    Running,
    Site,
    clear_queues,
    environment,
)
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SHORT_LIVED = overridden_by("sample_tasks", "short_lived_children") | {"METRICS_PORT": "0"}
CHILDREN = 4  # every five seconds Celery replaces those that have ended
A_PROCESS_S_FILES = 5  # counter, histogram, summary, and a gauge of either mode
HOME = Path(settings.DATA_DIR) / "metrics"


class WorkerWatch:
    """Scrapes a worker repeatedly; asserts that counters never decrease."""

    def __init__(self, worker: Running) -> None:
        self.url = address(worker)
        self.worker = psutil.Process(worker.pid)
        self.children: set[int] = set()
        self.last = scrape(self.url)

    def look(self) -> Scrape:
        now = scrape(self.url)
        decreased = [
            key for key, value in self.last.counters().items() if now.counters()[key] < value
        ]
        assert not decreased
        self.children |= {child.pid for child in self.worker.children()}
        self.last = now
        return now

    def until(self, metric: str, number: float, **labels: str) -> None:
        until(lambda: self.look().total(metric, **labels) == number)


@pytest.fixture(scope="module")
def workers(django_db_setup: None) -> Iterator[Site]:
    """The workers of this module; a test that kills one leaves the next test a new one."""
    with Site() as workers:
        yield workers


@pytest.fixture
def worker(workers: Site, transactional_db: None) -> Iterator[Running]:
    """An idle worker."""
    clear_queues()
    alive = [process for process in workers.running if process.is_alive()]
    yield alive[-1] if alive else start(workers)
    workers.show()


def start(site: Site) -> Running:
    command = [*CELERY, "worker", *WORKER_OPTIONS, "--concurrency", str(CHILDREN)]
    env = environment() | SHORT_LIVED
    process = Running("worker", command, env, fork_from="libraries")
    site.running.append(process)
    process.wait_for(r"celery@.* ready\.")
    return process


def test_counters_never_decrease_while_children_are_replaced(
    worker: Running,
) -> None:
    watch = WorkerWatch(worker)
    names = {"name": heartbeat.name, "queue_name": "default"}
    for done in (2 * CHILDREN, 4 * CHILDREN):
        for _ in range(2 * CHILDREN):
            heartbeat.delay()
        watch.until("celery_task_succeeded_total", done, **names)
    for number in ("received", "started", "succeeded"):
        assert watch.last.total(f"celery_task_{number}_total", **names) == done
    assert watch.last.total("celery_task_runtime_count", **names) == done
    assert watch.last.total("celery_task_runtime_bucket", le="+Inf", **names) == done
    assert watch.last.kinds["celery_task_runtime"] == "histogram"

    for child in watch.worker.children():
        os.kill(child.pid, signal.SIGKILL)
    heartbeat.delay()
    watch.until("celery_task_succeeded_total", done + 1, **names)
    assert len(watch.children) > 2 * CHILDREN, "the premise"
    few = (1 + CHILDREN) * A_PROCESS_S_FILES + 3  # the last 3 hold the totals of ended children
    until(lambda: watch.look() and len(list(HOME.rglob("*.db"))) <= few)


def test_tasks_of_killed_children_are_no_longer_active(worker: Running) -> None:
    """Started three times and killed each time: no task is active, and each start counts."""
    watch = WorkerWatch(worker)
    run = tracked_tasks.start(sample_tasks.kill_own_process, title="Deadly", owner=None)
    names = {"name": sample_tasks.kill_own_process.name, "queue_name": "bulk"}
    watch.until("celery_task_started_total", 3 + 1, **names)  # the fourth start gives up
    watch.until("celery_task_succeeded_total", 1, **names)
    watch.until("celery_worker_tasks_active", 0)
    assert TaskRun.objects.get(pk=run.pk).state == "failed"


def test_a_retry_and_a_rejected_message_are_exported_before_the_first_one(worker: Running) -> None:
    """An alert sees no increase of a series that starts at one."""
    watch = WorkerWatch(worker)
    heartbeat.delay()
    until(lambda: ("celery_task_retried_total", heartbeat.name) in exported(watch.look()))
    names = {"name": heartbeat.name, "queue_name": "default"}
    assert watch.last.total("celery_task_retried_total", **names) == 0
    assert ("celery_task_revoked_total", heartbeat.name) in exported(watch.last)
    assert ("celery_task_rejected_total", None) in exported(watch.last)


def exported(scrape: Scrape) -> set[tuple[str, str | None]]:
    """Return metric and task of every series."""
    return {(metric, dict(labels).get("name")) for metric, labels in scrape.samples}


def test_failures_are_counted_by_class_and_unknown_task_names_are_not_exported(
    worker: Running,
) -> None:
    watch = WorkerWatch(worker)
    tracked_tasks.start(sample_tasks.look_for, "nobody", title="In vain", owner=None)
    names = {"name": sample_tasks.look_for.name, "queue_name": "default"}
    watch.until("celery_task_failed_total", 1, exception="DoesNotExist", **names)
    current_app.send_task("nobody.knows_this")
    watch.until("celery_task_rejected_total", 1, queue_name="default")
    assert watch.last.total("celery_worker_up") == 1
    assert watch.last.total("recruit_build_info") == 1, "once, not for each child"
    assert not any("nobody.knows_this" in str(key) for key in watch.last.samples)


def test_a_worker_that_was_killed_leaves_nothing_for_the_next(
    workers: Site, worker: Running
) -> None:
    [left] = HOME.glob("worker-*")
    worker.kill()
    assert left.exists(), "the premise"
    again = start(workers)
    [own] = HOME.glob("worker-*")
    assert own != left
    assert again.terminate() == 0
    assert not list(HOME.glob("worker-*"))
