"""Background tasks whose workers die, hang or are stopped: one effect and one final state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone

from realtime.background import progress, recovery, tracked_tasks
from realtime.background.run_lock import run_lock
from realtime.models import Heartbeat, TaskRun
from tests.support.product import sample_tasks
from tests.support.product.processes import (
    CELERY,
    WORKER_OPTIONS,
    Running,
    Site,
    environment,
)
from tests.support.product.redis_keys import queue_key
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

IMPATIENT = overridden_by("sample_tasks", "fast_redelivery")
NAMES = ["g1", "g2"]


@pytest.fixture(autouse=True)
def _no_groups_are_left(transactional_db: None) -> Iterator[None]:
    yield
    Group.objects.filter(name__regex="^g[0-9]$").delete()


@pytest.fixture
def worker(site: Site) -> Running:
    """A worker of this test alone: another one would take the messages that it returns."""
    return site.start("worker", **IMPATIENT)


def test_a_redelivered_task_whose_worker_dies_runs_once(site: Site) -> None:
    """The second worker drops its message because the task is running; the kill then loses it."""
    with progress_ticks() as heard:
        with held_up("g2"):
            first = site.start("worker", **IMPATIENT)
            run = started(sample_tasks.make_groups, NAMES)
            until(lambda: now(run).state == "running")
            second = site.start("worker", **IMPATIENT)
            second.wait_for("Another worker is executing the run")
            assert now(run).deliveries == 1
            first.kill()
        until(lambda: is_abandoned(run))
        assert recovery.resend_lost_runs(timezone.now() + recovery.ABANDONED_AFTER) == 1
        until(lambda: now(run).state == "succeeded")
        assert (now(run).deliveries, now(run).done) == (2, 2)
        assert Group.objects.filter(name__in=NAMES).count() == 2
        shown = list(heard())
        assert shown
        assert shown == sorted(shown), "progress never goes backwards"


def test_a_task_that_kills_its_worker_or_hangs_fails_with_a_reason(worker: Running) -> None:
    late = started(sample_tasks.take_too_long)
    deadly = started(sample_tasks.kill_own_process)
    deaf = started(sample_tasks.hang)
    TaskRun.objects.bulk_update([TaskRun(pk=deaf.pk, deliveries=2, owner=None)], ["deliveries"])
    until(lambda: all(now(run).finished_at for run in (deadly, late, deaf)))
    given_up = "The task started 3 times and never finished, so it was given up."
    assert (now(deadly).state, now(deadly).message) == ("failed", given_up)
    assert (now(deaf).state, now(deaf).message) == ("failed", given_up)
    stopped = "Stopped, because it took too long. Nothing was changed."
    assert (now(late).state, now(late).message, now(late).deliveries) == ("failed", stopped, 1)
    assert not Group.objects.filter(name="half done").exists()


def test_a_worker_that_shuts_down_is_not_reported_missing(worker: Running) -> None:
    until(Heartbeat.objects.filter(process="worker").exists)
    worker.terminate()
    assert not Heartbeat.objects.exists()


def test_a_stopping_worker_finishes_short_tasks_and_returns_long_ones(site: Site) -> None:
    """Nor is a worker that stops softly reported missing."""
    stopping = {"REMAP_SIGTERM": "SIGQUIT", "WORKER_STOP_SECONDS": "1.5"}
    command = [*CELERY, "worker", *WORKER_OPTIONS, "--concurrency", "2"]
    worker = Running("worker", command, environment() | IMPATIENT | stopping)
    site.running.append(worker)
    worker.wait_for(r"celery@.* ready\.")
    until(Heartbeat.objects.filter(process="worker").exists)
    with held_up("g4"):
        with held_up("g2"):
            short = started(sample_tasks.make_groups, NAMES)
            long = started(sample_tasks.make_groups, ["g3", "g4"])
            until(lambda: {now(short).state, now(long).state} == {"running"})
            worker.ask_to_stop()
            worker.wait_for("Soft Shutdown")
        worker.wait()
        assert now(short).state == "succeeded"
        assert now(long).state == "running"
    assert not Heartbeat.objects.exists()
    assert str(long.pk) in waiting("bulk"), "its message waits for the next worker"
    until(lambda: is_abandoned(long))
    assert sample_tasks.deliver(long).state == "succeeded"
    assert long.deliveries == 2


def started(task: tracked_tasks.TrackedTask, *arguments: object) -> TaskRun:
    return tracked_tasks.start(task, *arguments, title="Some work", owner=None, can_cancel=True)


def now(run: TaskRun) -> TaskRun:
    return TaskRun.objects.get(pk=run.pk)


def is_abandoned(run: TaskRun) -> bool:
    """True once PostgreSQL has ended the connection of the worker that executed this run.

    A connection that waits for a lock outlives its client until it gets that lock.
    """
    with run_lock(run.pk) as is_free:
        return is_free


def waiting(queue: str) -> list[str]:
    """Returns the ids of the tasks whose messages wait in this queue."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        messages = broker.lrange(queue_key(queue), 0, -1)
    return [json.loads(message)["headers"]["id"] for message in messages]


@contextmanager
def held_up(name: str) -> Iterator[None]:
    """Within, a task that creates a group of this name has to wait."""
    with psycopg.connect(environment()["DATABASE_URL"]) as holder:
        holder.execute("INSERT INTO auth_group (name) VALUES (%s)", [name])
        yield
        holder.rollback()


@contextmanager
def progress_ticks() -> Iterator[object]:
    """Yields a function that returns the progress values published so far."""
    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
        channel.subscribe(progress.channel())
        channel.get_message(timeout=5)  # the confirmation

        def heard() -> Iterator[int]:
            while message := channel.get_message(timeout=0.5):
                yield json.loads(message["data"])["row"]["done"]

        yield heard
