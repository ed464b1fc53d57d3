"""A due time that is sent twice is executed once, together with its record, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from project.celery import app
from realtime.background.periodic.runs import ENTRY_HEADER, SCHEDULED_FOR_HEADER, scheduled
from realtime.log import changes
from realtime.models import Change, ScheduledRun
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db
TASK = f"{__name__}.work"


@pytest.fixture
def task() -> Any:
    """A task whose behaviour the test sets. It writes a change marker as a visible effect."""
    given: dict[str, Callable[[ScheduledRun], object]] = {}

    def work(run: ScheduledRun) -> None:
        changes.record([("tasks", f"task:{run.scheduled_for.timestamp()}")])
        given.get("then", lambda run: None)(run)

    made = app.tasks[scheduled(TASK)(work).name]
    made.given = given
    yield made
    app.tasks.pop(made.name)


def send(task: Any, moment: datetime, entry: str = "an-entry") -> Any:
    """Runs the task with the headers that beat sends."""
    headers = {ENTRY_HEADER: entry, SCHEDULED_FOR_HEADER: moment.isoformat()}
    return task.apply(headers=headers)


def test_a_due_time_sent_twice_is_executed_once(task: Any) -> None:
    moment = timezone.now()
    assert send(task, moment).successful()
    assert send(task, moment).successful(), "the repetition is not an error"
    assert Change.objects.count() == 1
    [run] = ScheduledRun.objects.all()
    assert (run.entry, run.state, run.scheduled_for) == ("an-entry", "done", moment)
    send(task, moment + timedelta(seconds=10))
    assert Change.objects.count() == 2, "the premise: another due time runs the task again"


def test_a_failed_run_leaves_only_its_record_and_may_be_retried(task: Any) -> None:
    moment = timezone.now()
    task.given["then"] = lambda run: 1 / 0
    assert send(task, moment).failed()
    topics = set(Change.objects.values_list("topic", flat=True))
    assert topics == {"ops"}, "the failure is published, and its work rolled back"
    run = ScheduledRun.objects.get()
    assert (run.state, run.message) == ("failed", "ZeroDivisionError")
    task.given.clear()
    assert send(task, moment).successful()
    run.refresh_from_db()
    assert (run.state, run.message) == ("done", "")


def test_a_run_that_lost_a_server_is_retried(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [OperationalError("the server is gone")]

    def fail_once(run: ScheduledRun) -> None:
        if failures:
            raise failures.pop()

    task.given["then"] = fail_once
    assert send(task, timezone.now()).successful()
    assert ScheduledRun.objects.get().state == "done"


def test_a_late_run_knows_its_delay_and_the_previous_run(task: Any, clock: Clock) -> None:
    seen: list[tuple[timedelta, datetime | None]] = []
    task.given["then"] = lambda run: seen.append((run.late, run.since()))
    first = clock.now()
    send(task, first)
    clock.shift(days=3, minutes=2)
    send(task, clock.now() - timedelta(minutes=2))
    assert seen == [(timedelta(), None), (timedelta(minutes=2), first)]


def test_a_failed_run_does_not_count_as_the_previous_one(task: Any, clock: Clock) -> None:
    first = clock.now()
    send(task, first)
    task.given["then"] = lambda run: 1 / 0
    send(task, clock.shift(minutes=1))
    since: list[datetime | None] = []
    task.given["then"] = lambda run: since.append(run.since())
    send(task, clock.shift(minutes=1))
    assert since == [first]


def test_a_direct_call_runs_the_task_for_the_current_time(task: Any, clock: Clock) -> None:
    task()
    run = ScheduledRun.objects.get()
    assert (run.entry, run.scheduled_for) == (task.name, clock.now())


@pytest.mark.django_db(transaction=True)
def test_a_due_time_sent_to_two_workers_at_once_is_executed_once(task: Any) -> None:
    """Interleaving: the second worker claims the due time while the first one is executing it."""
    moment = timezone.now()
    begun, go_on = threading.Event(), threading.Event()

    def pause(run: ScheduledRun) -> None:
        begun.set()
        assert go_on.wait(30)

    def in_thread() -> None:
        send(task, moment)
        connection.close()

    task.given["then"] = pause
    threads = [threading.Thread(target=in_thread) for _ in range(2)]
    threads[0].start()
    assert begun.wait(30)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert Change.objects.count() == 1
    assert ScheduledRun.objects.count() == 1
