"""Two beats, of which one sends: each due moment is carried out once, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from realtime.models import Lease, ScheduledRun
from tests.support.product.processes import Running, Site
from tests.support.product.redis_keys import queue_key

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
]

ENTRY = "every second"
QUICK = {"BEAT_LEASE_SECONDS": "2"}
WAIT_SECONDS = 60.0


def test_a_standby_beat_takes_over_from_one_that_dies_or_hangs(
    site: Site,
) -> None:
    PeriodicTask.objects.all().delete()
    every = IntervalSchedule.objects.create(every=1, period="seconds")
    task = "realtime.tasks.trim_changes"
    PeriodicTask.objects.create(name=ENTRY, task=task, interval=every)
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(queue_key("default"))
        first, second = site.start("beat", **QUICK), site.start("beat", **QUICK)
        second.wait_for("is on standby")
        until(lambda: len(moments(broker)) >= 3, "the first sends")
        assert len(set(moments(broker))) == len(moments(broker)), "and only the first"

        first.kill()
        second.wait_for("This beat is the leader")
        until(lambda: sends(broker), "the second sends")
        assert len(set(moments(broker))) == len(moments(broker))

        third = site.start("beat", **QUICK)
        os.kill(second.pid, signal.SIGSTOP)
        third.wait_for("This beat is the leader")
        until(lambda: sends(broker), "the third sends")
        os.kill(second.pid, signal.SIGCONT)
        second.wait_for("is on standby", after="This beat is the leader")
        assert Lease.objects.get().holder.split(":")[1] == str(third.pid)
        third.terminate()
        assert "Traceback" not in third.output
        second.kill()

        doubled = [*moments(broker), repeat_last(broker)]
        site.start("worker")
        until(lambda: not broker.llen(queue_key("default")), "every message is taken")
        until(lambda: done() == set(doubled), "and recorded")
        assert ScheduledRun.objects.filter(entry=ENTRY).count() == len(set(doubled))
        assert len(doubled) > len(set(doubled)), "the premise: something was sent twice"


def moments(broker: redis.Redis) -> list[str]:
    waiting: Any = broker.lrange(queue_key("default"), 0, -1)
    return [json.loads(message)["headers"]["scheduled_for"] for message in reversed(waiting)]


def sends(broker: redis.Redis) -> bool:
    """True if new messages arrive within 0.2 seconds."""
    before = len(moments(broker))
    time.sleep(0.2)  # the caller repeats this until it is true
    return len(moments(broker)) > before


def repeat_last(broker: redis.Redis) -> str:
    """Sends the last message again, as a beat does that was paused after it checked its lease."""
    message: Any = broker.lindex(queue_key("default"), 0)
    again = json.loads(message)
    tag = "another-delivery"
    again["properties"]["delivery_tag"] = tag
    broker.lpush(queue_key("default"), json.dumps(again))
    return str(again["headers"]["scheduled_for"])


def done() -> set[str]:
    runs = ScheduledRun.objects.filter(entry=ENTRY, state=ScheduledRun.State.DONE)
    return {run.scheduled_for.isoformat() for run in runs}


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"never true: {what}"
        time.sleep(0.05)


def test_a_beat_that_stops_releases_its_lease_at_once(site: Site) -> None:
    slow = {"BEAT_LEASE_SECONDS": "600"}
    first: Running = site.start("beat", **slow)
    assert first.terminate() == 0
    assert not Lease.objects.exists()
