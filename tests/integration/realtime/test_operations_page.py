"""The operations page: who may see it, what it shows, and what it must not show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from interview.models import Robot
from jobs.models import Campaign
from monitoring.metrics.db_gauges import Reading
from monitoring.metrics.metrics import (
    OLDEST_MARKER_SECONDS,
    PENDING_MARKERS,
    SCHEDULE_SILENCE_SECONDS,
)
from realtime import site_identity
from realtime.background import task_runs
from realtime.background.heartbeats import HeartbeatWriter
from realtime.log.relay_activity import record_activity
from realtime.models import Change, Heartbeat, NumberedDatabase, ScheduledRun
from realtime.operations.status import SLOW_CHECKS, status_row
from realtime.relay.epochs import record_database
from tests.factories import make_interviewer
from tests.people import signed_in
from tests.support.clients.api import state_of
from tests.support.product.brokers import sending_to
from tests.support.product.clock import Clock
from tests.support.robots import make_delivery

# The checks use a connection of their own, which sees committed rows only.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PAGES = ("ops", "ops_now")
ELSEWHERE = {
    "GRAFANA_URL": "https://grafana.example/",
    "FLOWER_URL": "https://flower.example/",
    "SENTRY_URL": "https://sentry.example/",
    "RUNBOOKS_URL": "https://runbooks.example/runbooks.md",
}


def text(client: Client) -> str:
    response = client.get(reverse("ops"), headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def read(client: Client) -> str:
    """The page as shown without scripts: its HTML without the configuration of the script."""
    before, _, rest = text(client).partition('<script id="ops-config"')
    return before + rest.partition("</script>")[2]


@pytest.fixture
def all_processes_running(clock: Clock) -> None:
    from realtime.tasks import heartbeat

    for process in Heartbeat.Process:
        HeartbeatWriter(process).beat()
    heartbeat()
    record_database()
    record_activity()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["chen", "admin"])
def test_operations_and_superusers_see_the_page(
    client: Client, request: pytest.FixtureRequest, name: str, page: str
) -> None:
    signed_in(client, request.getfixturevalue(name))
    response = client.get(reverse(page))
    assert response.status_code == 200
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["lin", "wu", "sun"])
def test_other_users_may_not_see_the_page(
    client: Client, request: pytest.FixtureRequest, name: str, page: str
) -> None:
    signed_in(client, request.getfixturevalue(name))
    assert client.get(reverse(page)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_visitors_must_sign_in_and_the_page_is_read_only(
    client: Client, chen: User, page: str
) -> None:
    assert client.get(reverse(page))["Location"].startswith(reverse("login"))
    signed_in(client, chen)
    before = state_of(Change, Heartbeat, ScheduledRun)
    assert client.post(reverse(page)).status_code == 405
    client.get(reverse(page))
    assert state_of(Change, Heartbeat, ScheduledRun) == before


@pytest.mark.usefixtures("all_processes_running")
def test_without_scripts_the_page_shows_that_all_is_operational_and_since_when(
    client: Client, chen: User
) -> None:
    signed_in(client, chen)
    Change.objects.all().delete()
    shown = read(client)
    assert "All systems operational" in shown
    assert "As of 12:00:00" in shown
    assert shown.count("1 running") == 3
    assert "0 changes are waiting for the relay" in shown
    assert "notify" in shown, "the queues by name"
    assert "No recent failures" in shown


@pytest.mark.usefixtures("all_processes_running")
def test_without_scripts_the_page_shows_problems_and_remedies(
    client: Client, chen: User, clock: Clock
) -> None:
    Change.objects.create(topic="board.autumn", key="interview:1")
    clock.shift(minutes=5)
    HeartbeatWriter(Heartbeat.Process.BEAT).beat()
    shown = read(signed_in(client, chen))
    assert "The relay does not publish changes: boards are frozen" in shown
    assert "Restart it (manage.py relay)" in shown
    assert "No worker is running" in shown
    assert "Beat is not running" not in shown
    assert "5 min" in shown
    assert "All systems operational" not in shown


def test_a_missing_relay_is_reported_before_changes_are_waiting(
    all_processes_running: None, clock: Clock
) -> None:
    assert status_row()["failing"] == [], "the premise"
    Change.objects.all().delete()
    NumberedDatabase.objects.update(numbered_at=Now() - timedelta(minutes=1))
    assert status_row()["failing"] == ["relay"]


@pytest.mark.usefixtures("all_processes_running")
def test_the_status_that_the_relay_sends_opens_one_database_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That of the checks; every two seconds, more of them would cost more than the page."""
    site_identity.site_id()  # the relay has asked for it at its start
    opened: list[object] = []
    connect = psycopg.connect
    monkeypatch.setattr(
        psycopg, "connect", lambda *args, **kwargs: opened.append(args) or connect(*args, **kwargs)
    )
    row = status_row(skip=SLOW_CHECKS)
    assert len(opened) == 1
    assert "relay" in row["checked"]
    assert not SLOW_CHECKS & set(row["checked"])
    assert set(status_row()["checked"]) >= SLOW_CHECKS, "the page makes them"


@pytest.mark.usefixtures("all_processes_running")
def test_a_silent_process_is_shown_even_if_the_relay_is_down(
    client: Client, chen: User, clock: Clock
) -> None:
    clock.shift(minutes=1)
    HeartbeatWriter(Heartbeat.Process.WORKER).beat()
    assert Heartbeat.objects.filter(is_alive=False).count() == 0, "the premise: no sweep has run"
    shown = read(signed_in(client, chen))
    assert shown.count("none running") == 2
    assert shown.count("1 running") == 1
    rows = client.get(reverse("ops_now")).json()["rows"]
    alive = {row["process"]: row["alive"] for row in rows if row["kind"] == "heartbeat"}
    assert alive == {"relay": False, "beat": False, "worker": True}


def test_failures_are_shown_by_id_and_kind_without_personal_data(
    client: Client, chen: User, campaign: Campaign, lin: User
) -> None:
    owner = make_interviewer(username="unmistakable", last_name="思", first_name="远")
    run = task_runs.task_run_create(name="import", title="王思远.csv", owner=owner)
    task_runs.mark_failed(run, message="王思远 is there twice")
    robot = Robot.objects.create(name="autumn", campaign=campaign)
    message = make_delivery(
        robot, None, state="dead", reason="too_long", answer="王思远", tried_at=timezone.now()
    )
    ScheduledRun.objects.create(
        entry="made for 林岚",
        task="t",
        scheduled_for=timezone.now(),
        state="failed",
        message="KeyError",
    )
    shown = text(signed_in(client, chen))
    for expected in (str(run.pk), f"message:{message.pk}", "The message is too long.", "KeyError"):
        assert expected in shown
    assert "an entry created by hand" in shown
    for secret in ("王思远", "林岚", "unmistakable", "思远"):
        assert secret not in shown


def test_deleting_a_robot_runs_no_query_per_message(
    campaign: Campaign,
) -> None:
    def queries(messages: int) -> int:
        robot = Robot.objects.create(name=f"robot {messages}", campaign=campaign)
        for _ in range(messages):
            long_ago = timezone.now() - timedelta(days=1)
            make_delivery(robot, None, state="sent", claimed_at=long_ago, sent_at=long_ago)
        with CaptureQueriesContext(connection) as captured:
            robot.delete()
        return len(captured)

    assert queries(20) == queries(2)


@pytest.mark.parametrize(
    ("condition", "changed"),
    [
        ("ready", {}),
        ("paused until 12:10", {"rests_until": timedelta(minutes=10), "rest_reason": "throttled"}),
        ("ready", {"rests_until": timedelta(minutes=-1), "rest_reason": "throttled"}),
        ("disabled", {"is_enabled": False, "alarm": "robot_gone"}),
        ("needs attention", {"alarm": "security"}),
    ],
)
def test_each_robot_is_shown_with_its_condition(
    client: Client, chen: User, campaign: Campaign, clock: Clock, condition: str, changed: dict
) -> None:
    changed = {
        name: clock.now() + value if isinstance(value, timedelta) else value
        for name, value in changed.items()
    }
    Robot.objects.create(name="autumn", campaign=campaign, **changed)
    shown = read(signed_in(client, chen))
    assert f">{condition}</span>" in shown


def test_only_configured_tools_are_linked(client: Client, chen: User, settings: Settings) -> None:
    signed_in(client, chen)
    for name in ELSEWHERE:
        setattr(settings, name, "")
    assert "Grafana" not in read(client)
    for name, address in ELSEWHERE.items():
        setattr(settings, name, address)
    shown = read(client)
    for address in ELSEWHERE.values():
        assert f'href="{address}"' in shown
    assert f'href="{ELSEWHERE["RUNBOOKS_URL"]}#workersgone"' in shown, "no worker is alive here"


def test_without_redis_the_page_works_and_reports_it(
    client: Client, chen: User, settings: Settings, tmp_path: Path
) -> None:
    signed_in(client, chen)
    record_database()
    record_activity()
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    with sending_to("redis://127.0.0.1:1/0"):
        shown = read(client)
    assert "Redis does not respond" in shown
    assert "not known" in shown, "the lengths of the queues"
    assert "1 problem needs attention" in shown
    because = shown.partition("Because of this:")[2].partition("</ul>")[0]
    for consequence in ("No worker is running", "Scheduled tasks do not reach the workers"):
        assert consequence in because
    assert "Start one (celery --app project worker)" not in shown, "advice for the cause alone"


def test_a_number_that_cannot_be_read_is_unknown_and_neither_zero_nor_never(
    client: Client, chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a table that is locked: the other numbers are still read."""
    signed_in(client, chen)
    assert "never" in read(client), "the premise: no scheduled task has run, and that is known"

    def unreadable() -> Reading:
        raise OperationalError

    for gauge in (PENDING_MARKERS, OLDEST_MARKER_SECONDS, SCHEDULE_SILENCE_SECONDS):
        monkeypatch.setattr(gauge, "_read", unreadable)
    row = status_row()
    for name in ("pending", "oldest_seconds", "schedule_seconds", "schedule_has_run"):
        assert row[name] is None
    shown = read(client)
    assert "never" not in shown
    assert "0 changes are waiting" not in shown
    assert shown.count("not known") == 2


@pytest.mark.usefixtures("all_processes_running")
def test_one_silent_worker_of_two_is_in_the_headline(
    client: Client, chen: User, clock: Clock
) -> None:
    Change.objects.all().delete()
    now = clock.now()
    Heartbeat.objects.create(
        process="worker", name="hung", since=now, seen_at=now - timedelta(minutes=1)
    )
    shown = read(signed_in(client, chen))
    assert "All checks pass, but 1 process does not respond" in shown
    assert "All systems operational" not in shown


def test_the_number_of_queries_does_not_grow_with_the_failures(
    client: Client, chen: User, lin: User, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    execute = CursorWrapper.execute

    def record(cursor: CursorWrapper, sql: str, *args: Any) -> Any:
        sent.append(sql)
        return execute(cursor, sql, *args)

    # Of all connections: most queries use the one of the checks.
    monkeypatch.setattr(CursorWrapper, "execute", record)

    def queries() -> int:
        sent.clear()
        client.get(reverse("ops_now"))
        assert any("interview_robot" in sql for sql in sent), "the premise"
        return len(sent)

    def fail(number: int) -> None:
        run = task_runs.task_run_create(name="import", title=str(number), owner=lin)
        task_runs.mark_failed(run, message="no")
        robot = Robot.objects.create(name=f"robot {number}", campaign=campaign)
        make_delivery(robot, None, state="dead", reason="too_long")
        now = timezone.now()
        Heartbeat.objects.create(process="worker", name=str(number), since=now, seen_at=now)

    signed_in(client, chen)
    fail(0)
    client.get(reverse("ops_now"))
    few = queries()
    for number in range(1, 6):
        fail(number)
    assert queries() == few


def test_the_page_is_available_in_chinese(client: Client, chen: User) -> None:
    shown = signed_in(client, chen).get(reverse("ops"), headers={"accept-language": "zh-hans"})
    assert "工作进程未运行" in shown.content.decode()
    assert "No worker is running" not in shown.content.decode()
