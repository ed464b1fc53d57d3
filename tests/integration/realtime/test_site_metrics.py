"""Gauges about processes, the schedule and background tasks; every gauge has a reader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import DbGauge
from realtime.background import task_runs
from realtime.background.heartbeats import SILENT_AFTER, HeartbeatWriter
from realtime.models import Change, Heartbeat
from realtime.tasks import heartbeat
from tests.support.contracts.metrics_http import Scrape
from tests.support.product.clock import Clock

# Gauges are read on connections of their own, which see committed rows only.
pytestmark = pytest.mark.django_db(transaction=True)


def read(client: Client) -> Scrape:
    response = client.get("/metrics/site")
    assert response.status_code == 200
    return Scrape(response.content.decode())


def test_every_gauge_of_the_site_has_a_reader(client: Client) -> None:
    declared = {one.name for one in vars(metrics).values() if isinstance(one, DbGauge)}
    assert declared == read(client).kinds.keys()


def test_a_process_counts_while_it_sends_heartbeats(client: Client, clock: Clock) -> None:
    HeartbeatWriter(Heartbeat.Process.WORKER).beat()
    clock.shift(seconds=SILENT_AFTER.total_seconds() - 1)
    HeartbeatWriter(Heartbeat.Process.RELAY).beat()
    scrape = read(client)
    alive = {
        process.value: scrape.total("recruit_processes_alive", process=process.value)
        for process in Heartbeat.Process
    }
    assert alive == {"relay": 1, "worker": 1, "beat": 0}
    clock.shift(seconds=2)
    assert read(client).total("recruit_processes_alive", process="worker") == 0


def test_the_schedule_silence_grows_until_a_task_is_executed(client: Client, clock: Clock) -> None:
    assert read(client).total("recruit_schedule_silence_seconds") == float("inf"), (
        "no task has run yet"
    )
    heartbeat()
    clock.shift(seconds=90)
    assert read(client).total("recruit_schedule_silence_seconds") == 90
    heartbeat()
    assert read(client).total("recruit_schedule_silence_seconds") == 0


def test_changes_waiting_for_the_relay_are_counted_with_their_age(
    client: Client, clock: Clock
) -> None:
    Change.objects.all().delete()
    assert read(client).total("recruit_relay_oldest_marker_seconds") == 0
    for key in ("interview:1", "interview:2"):
        Change.objects.create(topic="board.autumn", key=key)
    Change.objects.update(recorded_at=clock.now() - timedelta(seconds=30))
    scrape = read(client)
    assert scrape.total("recruit_relay_pending_markers") == 2
    assert scrape.total("recruit_relay_oldest_marker_seconds") == 30


def test_active_background_tasks_are_counted_by_kind(client: Client, lin: User) -> None:
    waits, runs, over = (
        task_runs.task_run_create(name=name, title="a", owner=lin)
        for name in ("import", "export", "export")
    )
    for run in (runs, over):
        task_runs.mark_started(run)
    task_runs.mark_succeeded(over)
    scrape = read(client)
    numbers = {
        (name, state): scrape.total("recruit_task_runs", name=name, state=state)
        for name in ("import", "export")
        for state in ("queued", "running")
    }
    assert numbers == {
        ("import", "queued"): 1,
        ("import", "running"): 0,
        ("export", "queued"): 0,
        ("export", "running"): 1,
    }
    assert waits.state == "queued"
