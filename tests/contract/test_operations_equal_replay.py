"""The live operations page ends up with what a reload would show, whatever fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview.models import Delivery, Robot
from interview.notifications import outbox
from jobs.models import Campaign
from realtime.background import task_runs
from realtime.background.heartbeats import SILENT_AFTER, HeartbeatWriter, heartbeats_mark_silent
from realtime.log import topics
from realtime.log.reader import take_snapshot
from realtime.models import Heartbeat, ScheduledRun
from realtime.operations import incidents, registry
from tests.support.clients.replay import live_equals_fresh
from tests.support.product.relay import publish_all
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db

OPERATIONS = topics.ops()


def test_a_failed_task_is_shown_to_operations_until_it_is_deleted(lin: User) -> None:
    run = task_runs.task_run_create(name="import", title="spring.csv", owner=lin)
    with live_equals_fresh(OPERATIONS):
        task_runs.mark_failed(run, message="林岚's file is broken")
    [row] = take_snapshot(OPERATIONS).rows
    assert (row["key"], row["name"], row["reason"]) == (f"run:{run.pk}", "import", "failed")
    assert "林岚" not in str(row)
    assert "spring" not in str(row)
    with live_equals_fresh(OPERATIONS):
        run.delete()
    assert take_snapshot(OPERATIONS).rows == []


def test_a_successful_task_is_not_shown_to_operations(lin: User) -> None:
    publish_all()
    run = task_runs.task_run_create(name="import", title="spring.csv", owner=lin)
    task_runs.mark_started(run)
    task_runs.mark_succeeded(run)
    batches = publish_all()
    assert batches, "the premise: other topics get changes"
    assert [batch for batch in batches if batch.topic == OPERATIONS] == []


def test_operations_see_processes_start_fall_silent_and_stop() -> None:
    writer = HeartbeatWriter(Heartbeat.Process.WORKER)
    with live_equals_fresh(OPERATIONS):
        writer.beat()
    with live_equals_fresh(OPERATIONS):
        assert heartbeats_mark_silent(timezone.now() + 2 * SILENT_AFTER) == 1
    with live_equals_fresh(OPERATIONS):
        writer.stop()


def test_a_failed_schedule_entry_is_shown_until_its_next_success() -> None:
    entry = ScheduledRun(
        entry="sweep", task="interview.tasks.sweep_clock", scheduled_for=timezone.now()
    )
    entry.state, entry.message = ScheduledRun.State.FAILED, "OperationalError"
    with live_equals_fresh(OPERATIONS):
        entry.save()
    [row] = take_snapshot(OPERATIONS).rows
    assert (row["what"], row["reason"]) == ("entry", "OperationalError")
    again = ScheduledRun.objects.get(pk=entry.pk)
    again.state, again.message = ScheduledRun.State.DONE, ""
    with live_equals_fresh(OPERATIONS):
        again.save()
    assert take_snapshot(OPERATIONS).rows == []


def test_failed_robots_and_abandoned_messages_are_shown_to_operations(campaign: Campaign) -> None:
    robot = Robot(name="autumn", campaign=campaign)
    with live_equals_fresh(OPERATIONS):
        robot.save()
    message = make_delivery(robot, None)
    [claimed] = outbox.claim(timezone.now(), channel="dingtalk", limit=1)
    with live_equals_fresh(OPERATIONS):
        outbox.mark_dead([claimed], reason="too_long")
    keys = {row["key"] for row in take_snapshot(OPERATIONS).rows}
    assert keys == {f"robot:{robot.pk}", f"message:{message.pk}"}
    with live_equals_fresh(OPERATIONS):
        assert outbox.resend(Delivery.objects.get(pk=message.pk), timezone.now())
    robot.rests_until, robot.rest_reason = timezone.now() + timedelta(minutes=10), "throttled"
    with live_equals_fresh(OPERATIONS):
        robot.save()
    with live_equals_fresh(OPERATIONS):
        robot.delete()
    assert take_snapshot(OPERATIONS).rows == []


def test_a_message_of_a_dead_worker_is_shown_until_its_recipient_is_deleted(
    campaign: Campaign,
) -> None:
    robot = Robot.objects.create(name="autumn", campaign=campaign)
    make_delivery(robot, None)
    outbox.claim(timezone.now(), channel="dingtalk", limit=1)
    later = timezone.now() + outbox.SENDING_TIMEOUT + timedelta(seconds=1)
    with live_equals_fresh(OPERATIONS):
        assert outbox.give_up_unknown(later) == 1
    assert "unknown" in {row.get("reason") for row in take_snapshot(OPERATIONS).rows}
    with live_equals_fresh(OPERATIONS):
        robot.delete()
    assert take_snapshot(OPERATIONS).rows == []


def test_a_full_list_of_failures_drops_its_oldest_and_takes_it_back(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        registry._sources, incidents.RUN, replace(registry._sources[incidents.RUN], limit=2)
    )
    runs = [
        task_runs.task_run_create(name="import", title=str(number), owner=lin)
        for number in range(3)
    ]
    for run in runs[:2]:
        task_runs.mark_failed(run, message="no")
    with live_equals_fresh(OPERATIONS):
        task_runs.mark_failed(runs[2], message="no")
    assert len(take_snapshot(OPERATIONS).rows) == 2
    with live_equals_fresh(OPERATIONS):
        runs[2].delete()
    assert len(take_snapshot(OPERATIONS).rows) == 2
