"""The periodic tasks of this app, each run as its schedule entry would run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import TestCase

from realtime import retention, tasks
from realtime.background import recovery, tracked_tasks
from realtime.log import changes
from realtime.models import Change, TaskRun
from realtime.relay.numbering import assign_positions
from tests.support.product import sample_tasks
from tests.support.product.clock import Clock
from tests.support.product.redis_keys import queue_key
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db
SECOND = 1.0


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The broker, empty before and after the test."""
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete("bulk")
        yield server
        server.delete("bulk")


@pytest.fixture
def finished(clock: Clock, settings: Any, tmp_path: Path) -> TaskRun:
    """A run that has just ended, with a result file."""
    settings.MEDIA_ROOT = tmp_path
    return deliver(
        tracked_tasks.start(sample_tasks.write_file, "text", title="Some work", owner=None)
    )


def ids_in(broker: redis.Redis) -> list[str]:
    waiting: Any = broker.lrange(queue_key("bulk"), 0, -1)
    return [json.loads(message)["headers"]["id"] for message in waiting]


def test_a_run_that_never_reached_the_broker_is_sent_once_by_the_sweep(
    broker: redis.Redis, clock: Clock
) -> None:
    run = tracked_tasks.start(sample_tasks.make_groups, ["g1"], title="Some work", owner=None)
    tasks.sweep_runs()
    assert ids_in(broker) == [], "the request that started it may still send it"
    clock.shift(seconds=recovery.SEND_GRACE.total_seconds() + SECOND)
    tasks.sweep_runs()
    clock.shift(seconds=10)
    tasks.sweep_runs()
    assert ids_in(broker) == [str(run.pk)]


def test_result_files_and_runs_are_deleted_after_their_retention(
    finished: TaskRun, clock: Clock
) -> None:
    stored = Path(finished.result_file.path)
    assert stored.exists(), "the premise"
    clock.shift(seconds=recovery.RESULTS_KEPT.total_seconds() + SECOND)
    with TestCase.captureOnCommitCallbacks(execute=True):
        tasks.expire_results()
        tasks.trim_runs()
    assert not stored.exists()
    assert TaskRun.objects.filter(pk=finished.pk).exists()
    clock.shift(seconds=retention.KEEP_TASK_RUNS_FOR.total_seconds())
    tasks.trim_runs()
    assert not TaskRun.objects.exists()


def test_deleting_a_run_deletes_its_file(finished: TaskRun, clock: Clock) -> None:
    stored = Path(finished.result_file.path)
    clock.shift(seconds=retention.KEEP_TASK_RUNS_FOR.total_seconds() + SECOND)
    with TestCase.captureOnCommitCallbacks(execute=True):
        tasks.trim_runs()
    assert not stored.exists()


def test_changes_are_deleted_after_a_day(clock: Clock) -> None:
    changes.record([("tasks", "task:00000000-0000-0000-0000-000000000001")])
    assign_positions()
    tasks.trim_changes()
    assert Change.objects.exists()
    clock.shift(seconds=retention.KEEP_FOR.total_seconds() + SECOND)
    tasks.trim_changes()
    assert not Change.objects.exists()
