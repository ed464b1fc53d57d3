"""Operations staff, and nobody else, see which processes are alive and which are silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from realtime import retention
from realtime.background import heartbeats
from realtime.background.heartbeats import SILENT_AFTER, HeartbeatWriter, heartbeats_mark_silent
from realtime.log import reader, topics
from realtime.models import Change, Heartbeat, ScheduledRun, TaskRun
from tests.support.clients.board import Board
from tests.support.product.clock import Clock
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db
WORKER = Heartbeat.Process.WORKER


def heartbeat_rows(topic: str) -> dict[str, dict]:
    return {
        key: row for key, row in current_board(topic).rows.items() if row["kind"] == "heartbeat"
    }


def current_board(topic: str) -> Board:
    return Board.from_snapshot(reader.take_snapshot(topic))


def test_operations_see_a_process_appear_go_silent_and_come_back(
    clock: Clock,
) -> None:
    topic = topics.tasks()
    publish_all()
    board = current_board(topic)
    writer = HeartbeatWriter(WORKER)
    for act, alive in (
        (writer.beat, [True]),
        (lambda: sweep_after(clock, SILENT_AFTER + timedelta(seconds=1)), [False]),
        (lambda: beat_again(writer), [True]),
        (writer.stop, []),
    ):
        act()
        for batch in publish_all(topic):
            board = board.apply(batch)
        assert board.rows == current_board(topic).rows
        assert [row["alive"] for row in heartbeat_rows(topic).values()] == alive


def sweep_after(clock: Clock, time: timedelta) -> None:
    clock.shift(seconds=time.total_seconds())
    assert heartbeats_mark_silent(clock.now()) == 1


def beat_again(writer: HeartbeatWriter) -> None:
    writer._next = 0.0
    writer.beat()


def test_a_beat_after_the_end_of_a_process_does_not_show_it_as_alive() -> None:
    """Celery reports a last heartbeat after its workers have said goodbye."""
    writer = HeartbeatWriter(WORKER)
    writer.beat()
    writer.stop()
    beat_again(writer)
    assert not Heartbeat.objects.exists()


def test_renewing_a_heartbeat_costs_one_query_and_no_change_marker(clock: Clock) -> None:
    writer = HeartbeatWriter(WORKER)
    writer.beat()
    before = Change.objects.count()
    with CaptureQueriesContext(connection) as captured:
        beat_again(writer)
        writer.beat()
    assert len(captured) == 1
    assert Change.objects.count() == before
    clock.shift(seconds=SILENT_AFTER.total_seconds() / 2)
    beat_again(writer)
    clock.shift(seconds=SILENT_AFTER.total_seconds() / 2 + 1)
    assert heartbeats_mark_silent(clock.now()) == 0


def test_a_persons_own_task_list_shows_no_processes(lin) -> None:
    HeartbeatWriter(WORKER).beat()
    assert heartbeat_rows(topics.tasks())
    assert not heartbeat_rows(topics.tasks(lin.pk))


def test_a_process_silent_for_a_day_is_deleted(clock: Clock) -> None:
    HeartbeatWriter(WORKER).beat()
    sweep_after(clock, timedelta(hours=1))
    clock.shift(days=2)
    heartbeats_mark_silent(clock.now())
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)  # checks see committed rows only
def test_readyz_reports_workers_and_the_schedule(client: Client, clock: Clock) -> None:
    from realtime.tasks import heartbeat

    HeartbeatWriter(WORKER).beat()
    heartbeat()
    checks = client.get("/readyz").json()["checks"]
    assert checks["worker"] == {"ok": True, "detail": "1 alive"}
    assert checks["schedule"] == {"ok": True, "detail": "0 s ago"}
    assert checks["beat"]["ok"] is False
    publish_all()
    clock.shift(minutes=3)
    response = client.get("/readyz")
    checks = response.json()["checks"]
    assert checks["worker"]["detail"] == "no heartbeat"
    assert checks["schedule"]["detail"] == "no scheduled task has run for 180 s"
    assert response.status_code == 200, "pages are served without workers"


def test_old_scheduled_runs_are_deleted_except_the_last_of_each_task(clock: Clock) -> None:
    for days, task in ((0, "a"), (1, "a"), (2, "b")):
        ScheduledRun.objects.create(
            entry=task, task=task, scheduled_for=clock.now() - timedelta(days=30 + days)
        )
    recent = ScheduledRun.objects.create(entry="b", task="c", scheduled_for=clock.now())
    assert retention.trim_scheduled_runs(clock.now()) == 1
    left = set(ScheduledRun.objects.values_list("task", flat=True))
    assert left == {"a", "b", recent.task}


def test_only_task_runs_that_ended_long_ago_are_deleted() -> None:
    now = timezone.now()
    long_ago = now - retention.KEEP_TASK_RUNS_FOR - timedelta(minutes=1)
    over = TaskRun.objects.create(name="import", title="Old", state="succeeded")
    over.finished_at = long_ago
    over.save()
    waiting = TaskRun.objects.create(name="import", title="Never begun")
    publish_all()
    board = current_board(topics.tasks())
    assert f"task:{over.pk}" in board.rows
    assert retention.trim_task_runs(now) == 1
    for batch in publish_all(topics.tasks()):
        board = board.apply(batch)
    assert board.rows == current_board(topics.tasks()).rows
    assert list(TaskRun.objects.all()) == [waiting]


def test_the_topic_runs_a_constant_number_of_queries(clock: Clock) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            heartbeats.heartbeat_rows()
        return len(captured)

    for number in range(5):
        Heartbeat.objects.create(
            process=WORKER, name=f"w{number}", since=clock.now(), seen_at=clock.now()
        )
    assert queries() == 1
