"""Beat sends each due time once; an invalid entry does not affect the others.

Here the scheduler runs in the test; the broker and its queue are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from project.celery import app
from realtime.background.periodic.scheduler import LeaderScheduler
from realtime.models import Lease, ScheduledRun
from tests.support.product.redis_keys import queue_key

pytestmark = pytest.mark.django_db(transaction=True)  # beat closes connections of its own
QUEUE = "default"
TASK = "realtime.tasks.trim_changes"


@pytest.fixture
def queue() -> Iterator[redis.Redis]:
    """The empty queue of the broker; the declared entries are deleted."""
    PeriodicTask.objects.all().delete()
    app.loader.import_default_modules()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(queue_key(QUEUE))
        yield server
        server.delete(queue_key(QUEUE))


def entry(name: str, *, away: timedelta = timedelta(hours=1), **fields: Any) -> PeriodicTask:
    """Creates an entry, by default one with an interval of ten seconds, last due `away` ago."""
    if "crontab" not in fields:
        every = IntervalSchedule.objects.create(every=10, period="seconds")
        fields = {"interval": every} | fields
    made: PeriodicTask = PeriodicTask.objects.create(
        name=name, **{"task": TASK, "last_run_at": timezone.now() - away} | fields
    )
    return made


def sent(queue: redis.Redis) -> list[dict[str, Any]]:
    """The headers of the waiting messages, in the order they were sent."""
    waiting: Any = queue.lrange(queue_key(QUEUE), 0, -1)
    return [json.loads(message)["headers"] for message in reversed(waiting)]


def tick_all(scheduler: LeaderScheduler) -> None:
    for _ in range(30):
        if scheduler.tick() > 0:
            return
    raise AssertionError("there are always further due entries")


def test_after_an_hour_without_beat_an_entry_is_sent_once_with_its_due_time(
    queue: redis.Redis,
) -> None:
    entry("a")
    entry("b")
    scheduler = LeaderScheduler(app=app)
    tick_all(scheduler)
    tick_all(scheduler)
    now = timezone.now()
    assert sorted(one["periodic_task_name"] for one in sent(queue)) == ["a", "b"]
    for one in sent(queue):
        moment = datetime.fromisoformat(one["scheduled_for"])
        assert moment.timestamp() % 10 == 0
        assert timedelta() <= now - moment < timedelta(seconds=15)


def test_a_new_leader_does_not_resend_what_was_sent(queue: redis.Redis) -> None:
    entry("a")
    first = LeaderScheduler(app=app)
    tick_all(first)
    Lease.objects.all().delete()  # it died, and was silent for long enough
    tick_all(LeaderScheduler(app=app))
    moments = [one["scheduled_for"] for one in sent(queue)]
    assert len(set(moments)) == len(moments)
    assert len(moments) <= 2, "the second leader may have reached the next due time"


def test_only_the_leader_sends_and_it_releases_the_lease_when_stopped(
    queue: redis.Redis,
) -> None:
    entry("a")
    first, second = LeaderScheduler(app=app), LeaderScheduler(app=app)
    tick_all(first)
    assert len(sent(queue)) == 1
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(hours=1))
    tick_all(second)
    assert len(sent(queue)) == 1
    first.close()
    second._lease._renewed_at = 0.0
    tick_all(second)
    assert len(sent(queue)) == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hour": "99"}, "99"),
        ({"minute": "often"}, "often"),
        ({"day_of_month": "31", "month_of_year": "2"}, "31"),
    ],
)
def test_an_invalid_crontab_is_recorded_and_does_not_stop_other_entries(
    queue: redis.Redis, caplog: pytest.LogCaptureFixture, fields: dict[str, str], words: str
) -> None:
    bad = CrontabSchedule.objects.create(**{"minute": "0", "hour": "2"} | fields)
    entry("bad", crontab=bad)
    entry("good")
    scheduler = LeaderScheduler(app=app)
    tick_all(scheduler)
    assert [one["periodic_task_name"] for one in sent(queue)] == ["good"]
    record = ScheduledRun.objects.get(entry="bad")
    assert record.state == ScheduledRun.State.REFUSED
    assert "is invalid" in record.message
    assert words in record.message
    assert record.message in caplog.text
    scheduler._reload()
    tick_all(scheduler)
    assert ScheduledRun.objects.filter(entry="bad").count() == 1, (
        "recorded once, not at every reload"
    )
    assert PeriodicTask.objects.get(name="bad").enabled, "an entry written by staff is not changed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"task": "no.such.task"}, "no task named no.such.task"),
        ({"args": "[1"}, "not JSON"),
        ({"kwargs": "[]"}, "not JSON"),
        ({"headers": "{"}, "not JSON"),
    ],
)
def test_an_entry_with_a_wrong_task_or_arguments_is_recorded_with_a_reason(
    queue: redis.Redis, fields: dict[str, str], words: str
) -> None:
    entry("bad", **fields)
    entry("good")
    tick_all(LeaderScheduler(app=app))
    assert [one["periodic_task_name"] for one in sent(queue)] == ["good"]
    assert words in ScheduledRun.objects.get(entry="bad").message


def test_a_crontab_time_missed_while_beat_was_down_is_sent_at_once(queue: redis.Redis) -> None:
    """The library alone would wait until the hour is near again."""
    hour = (timezone.now() - timedelta(hours=6)).astimezone(UTC).hour
    missed = CrontabSchedule.objects.create(minute="0", hour=str(hour), timezone="UTC")
    entry("nightly", crontab=missed, away=timedelta(days=3))
    tick_all(LeaderScheduler(app=app))
    [one] = sent(queue)
    late = timezone.now() - datetime.fromisoformat(one["scheduled_for"])
    assert timedelta(hours=5) < late < timedelta(hours=7)


def test_an_entry_the_broker_did_not_accept_is_sent_when_it_is_back(
    queue: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry("a")
    scheduler = LeaderScheduler(app=app)
    lost = redis.ConnectionError("no")

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise lost

    with monkeypatch.context() as broken:
        broken.setattr(app.tasks[TASK], "apply_async", refuse)
        assert scheduler.tick() > 0, "it waits before the next attempt"
        assert sent(queue) == []
    tick_all(scheduler)
    assert len(sent(queue)) == 1


def test_an_edit_made_during_sending_is_kept(queue: redis.Redis) -> None:
    made = entry("a")
    scheduler = LeaderScheduler(app=app)
    scheduler._set_leader(scheduler._lease.acquire())
    assert "a" in scheduler.schedule
    PeriodicTask.objects.filter(pk=made.pk).update(description="A person's words")
    tick_all(scheduler)
    made.refresh_from_db()
    assert (made.description, made.total_run_count) == ("A person's words", 1)
