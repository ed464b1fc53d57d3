"""Sentry reports of the real processes: enough to find a fault, but no personal data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import sentry_sdk
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from interview.models import Interview
from project.celery import app
from realtime.background import tracked_tasks
from realtime.background.periodic.sync import sync_schedule
from realtime.log.changes import record
from realtime.models import ScheduledRun, TaskRun
from tests.factories import make_interview
from tests.support.clients.websocket_client import Visitor, visitor, watching
from tests.support.external.sentry_receiver import (
    Item,
    SentryReceiver,
    check_in_of,
    error_of,
    sentry_client_restored,
)
from tests.support.product import sample_tasks
from tests.support.product.day_topics import autumn_board
from tests.support.product.failing_views import SampleError, fail_with
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BOARD, WALL, OWN = "/ws/board/autumn/", "/ws/wall/autumn/", "/ws/me/"
WORDS = {
    "name": "欧阳伟明",
    "english": "Weiming O'Young",
    "email": "weiming.ouyang@mail.example.cn",
    "phone": "13812345678",
    "abroad": "+49 151 2345 6789",
    "note": "他的妻子也在找工作",
}
TOKEN = "Rk3vQm8xTa5uYw1zBn7c"
ADDRESS = f"/my-application/{TOKEN}/?q=欧阳伟明&access_token={TOKEN[::-1]}"
BAGGAGE = f"sentry-trace_id={'a' * 32},sentry-transaction=weiming.ouyang,sentry-user_id=weiming"
STARTS = 3  # of a task whose process is killed each time
RELEASE, ENVIRONMENT = "board@9.8.7", "rehearsal"


@pytest.fixture(scope="module")
def receiver() -> Iterator[SentryReceiver]:
    with SentryReceiver() as receiver:
        yield receiver


@pytest.fixture
def sentry(receiver: SentryReceiver) -> SentryReceiver:
    """A receiver that has received nothing yet."""
    receiver.forget()
    return receiver


@pytest.fixture(scope="module")
def lasting_web(receiver: SentryReceiver, django_db_setup: None) -> Iterator[Site]:
    with Site() as site:
        site.start("web", **reporting_to(receiver))
        yield site


@pytest.fixture
def web(lasting_web: Site, transactional_db: None) -> Iterator[Site]:
    """A web process that reports to the receiver; tests share it."""
    yield lasting_web
    lasting_web.show()


def reporting_to(sentry: SentryReceiver, **more: str) -> dict[str, str]:
    """Returns the settings of a process that reports to this receiver and has failing views."""
    return {
        **overridden_by("failing_views"),
        "SENTRY_DSN": sentry.dsn,
        "SENTRY_RELEASE": RELEASE,
        "SENTRY_ENVIRONMENT": ENVIRONMENT,
        "SENTRY_TRACES_SAMPLE_RATE": "1",
    } | more


@contextmanager
def table_renamed(table: str) -> Iterator[None]:
    """Renames a database table within the context, so that reading it fails."""
    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {table} RENAME TO renamed")
        try:
            yield
        finally:
            owner.execute(f"ALTER TABLE renamed RENAME TO {table}")


@pytest.fixture
def interview(campaign: object, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


def is_findable(error: dict[str, Any]) -> bool:
    """Asserts that a report has what the operator needs to find the fault."""
    frames = error["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"]
    assert frames[-1]["context_line"].strip()
    return (error["release"], error["environment"]) == (RELEASE, ENVIRONMENT)


def is_timed(item: Item) -> bool:
    return item.type == "transaction"


def holds_no_personal_data(sentry: SentryReceiver, *secrets: str) -> bool:
    found = [word for word in (*WORDS.values(), *secrets) if sentry.contains(word)]
    assert found == []
    return bool(sentry.received)


async def submit(person: Visitor, address: str) -> None:
    """Posts a form from a page whose address contains a token."""
    form = WORDS | {"csrfmiddlewaretoken": person.client.cookies["csrftoken"]}
    headers = {
        "Referer": quote(address),
        "baggage": BAGGAGE,
        "sentry-trace": f"{'a' * 32}-{'b' * 16}-1",
    }
    answer = await person.client.post(address, data=form, headers=headers)
    assert answer.status_code == 500


def test_the_sdk_with_its_defaults_would_report_personal_data(sentry: SentryReceiver) -> None:
    """The premise of the other tests: these failures leave personal data behind."""
    with sentry_client_restored():
        sentry_sdk.init(sentry.dsn)
        with pytest.raises(SampleError):
            fail_with(WORDS)
        sentry.wait_for(lambda item: "logentry" in item.payload)
        assert [word for word in WORDS.values() if not sentry.contains(word)] == []


async def test_a_failing_page_or_api_reports_the_place_but_no_person(
    web: Site, sentry: SentryReceiver, lin: User
) -> None:
    lin.username = "lin.coordinates"  # no part of any word in the code
    await lin.asave()
    async with visitor(web, lin) as person:
        await submit(person, ADDRESS)
        error = await sync_to_async(sentry.wait_for)(error_of("SampleError"))
        assert is_findable(error)
        assert error["transaction"] == "tests.support.product.failing_views.page"
        assert error["user"] == {"id": str(lin.pk)}
        assert error["tags"]["request_id"]
        kinds = [one["type"] for one in error["exception"]["values"]]
        assert kinds[-2:] == ["ValidationError", "SampleError"]
        unique = next(one for one in error["exception"]["values"] if "Unique" in one["type"])
        assert 'constraint "auth_group_name_key"' in unique["value"], "texts from code are kept"
        crumbs = {crumb.get("message") for crumb in error["breadcrumbs"]["values"]}
        assert {"Somebody is looked at", "SELECT %s, %s::text"} <= crumbs, "breadcrumbs too"
        assert (await person.post("/api/v1/failing/", WORDS)).status_code == 500
        failed = error_of("SampleError")
        await sync_to_async(sentry.wait_for)(
            lambda item: failed(item) and "Api" in item.payload["transaction"]
        )
        line = await sync_to_async(sentry.wait_for)(lambda item: "logentry" in item.payload)
        assert line["logentry"]["message"] == "Could not reach %s"
        await person.client.get(f"/calendar/{TOKEN}.ics?q=欧阳伟明")
        await sync_to_async(sentry.wait_for)(
            lambda item: is_timed(item) and "FeedView" in item.payload["transaction"]
        )
        cookies = list(person.client.cookies.values())
        assert len(cookies) == 2
        own = (lin.username, lin.email, lin.first_name, lin.last_name)
        assert holds_no_personal_data(sentry, TOKEN, TOKEN[::-1], *own, *cookies)
        assert not sentry.contains("sentry-user_id")
        assert not sentry.contains("weiming.ouyang"), "clients can send tracing headers"


async def test_sockets_that_fail_at_the_same_time_are_reported_apart(
    web: Site, sentry: SentryReceiver, lin: User, wu: User, interview: Interview
) -> None:
    async with visitor(web, lin) as one, visitor(web, wu) as two:
        async with one.socket(WALL) as wall, two.socket(OWN) as own:
            with table_renamed("interview_interview"):
                hello = json.dumps({"type": "hello", "epoch": None, "position": None})
                await asyncio.gather(wall.send(hello), own.send(hello))
                await asyncio.gather(wall.wait_closed(), own.wait_closed())
        sockets = set()
        for label, person in (("wall", lin), ("me", wu)):
            failed = error_of("ProgrammingError", consumer=label)
            error = await sync_to_async(sentry.wait_for)(failed)
            assert is_findable(error)
            assert error["user"] == {"id": str(person.pk)}
            assert error["tags"]["kind"] == "hello"
            assert error["logentry"] == {"message": "A socket failed"}
            sockets.add(error["tags"]["socket_id"])
        assert len(sockets) == 2
        cookies = [*one.client.cookies.values(), *two.client.cookies.values()]
        assert holds_no_personal_data(sentry, *cookies, "autumn", f"person.{wu.pk}")
    timed = [item.payload["contexts"]["trace"]["op"] for item in sentry.items if is_timed(item)]
    assert set(timed) == {"http.server"}, "pages are timed, sockets are not"


async def test_relay_and_hub_reports_do_not_name_the_user_whose_socket_is_open(
    site: Site, web: Site, sentry: SentryReceiver, lin: User, interview: Interview
) -> None:
    await sync_to_async(site.start)("relay", **reporting_to(sentry))
    async with visitor(web, lin) as person, watching(person, BOARD):
        with table_renamed("interview_interview"):
            await sync_to_async(record)([(autumn_board(), f"interview:{interview.pk}")])
            for loop in ("relay", "hub"):
                failed = error_of("ProgrammingError", loop=loop)
                error = await sync_to_async(sentry.wait_for)(failed)
                assert is_findable(error)
                assert set(error["tags"]) == {"loop"}
                assert "user" not in error
        assert holds_no_personal_data(sentry, "autumn")


def test_tasks_and_scheduled_runs_report_how_they_ended(
    site: Site, sentry: SentryReceiver, lin: User, interview: Interview
) -> None:
    due("trim-changes", "list-anonymisation", "ask-for-feedback")
    with table_renamed("interview_interview"):
        site.start("worker", **reporting_to(sentry))
        app.send_task("tests.failing_task", [WORDS], headers={"audit_actor": lin.pk})
        error = sentry.wait_for(error_of("SampleError"))
        assert is_findable(error)
        assert error["transaction"] == "tests.failing_task"
        assert error["user"] == {"id": str(lin.pk)}, "the user who started the task"
        site.start("beat", **reporting_to(sentry))
        failed = sentry.wait_for(check_in_of("ask-for-feedback", "error"))
        assert failed["monitor_config"]["schedule"] == {
            "type": "interval",
            "value": 1,
            "unit": "minute",
        }
        assert is_findable(sentry.wait_for(error_of("ProgrammingError")))
    done = sentry.wait_for(check_in_of("trim-changes", "ok"))
    begun = sentry.wait_for(check_in_of("trim-changes", "in_progress"))
    assert done["check_in_id"] == begun["check_in_id"]
    nightly = sentry.wait_for(check_in_of("list-anonymisation", "in_progress"))
    assert nightly["monitor_config"]["schedule"] == {"type": "crontab", "value": "30 3 * * *"}
    assert nightly["monitor_config"]["timezone"] == "Asia/Shanghai"
    run = ScheduledRun.objects.get(entry="trim-changes")
    assert run.scheduled_for.minute == 0, "added headers do not hide the scheduled time"
    reported = [
        (item.payload["check_in_id"], item.payload["status"])
        for item in sentry.items
        if item.type == "check_in"
    ]
    assert len(reported) == len(set(reported)), "each is reported once"
    with table_renamed("realtime_heartbeat"):
        failed = sentry.wait_for(
            lambda item: "beat raised" in item.payload.get("logentry", {}).get("message", "")
        )
        assert is_findable(failed)
        assert failed["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert holds_no_personal_data(sentry)


def test_a_task_whose_process_was_killed_is_reported_once_with_its_name_and_id(
    site: Site, sentry: SentryReceiver, db: None
) -> None:
    """Once for each of its three starts. The main process reports it: the child is gone."""
    settings = reporting_to(sentry) | overridden_by("sample_tasks")
    site.start("worker", **settings)
    for task, error in (
        (sample_tasks.hang, "TimeLimitExceeded"),
        (sample_tasks.kill_own_process, "WorkerLostError"),
    ):
        run = tracked_tasks.start(task, title="Deadly", owner=None)
        mine = {"celery_task_id": str(run.pk)}
        found = sentry.wait_for(error_of(error, **mine))
        assert found["transaction"] == task.name
        until(lambda run=run: TaskRun.objects.get(pk=run.pk).state == "failed")
        told = [one.payload for one in sentry.items if one.type == "event"]
        of_this = [one for one in told if one.get("tags", {}).items() >= mine.items()]
        assert {one["exception"]["values"][-1]["type"] for one in of_this} == {error}
        assert len(of_this) <= STARTS
        assert [one for one in told if "celery_task_id" not in one.get("tags", {})] == []


def test_a_receiver_that_hangs_delays_neither_responses_nor_shutdown(
    site: Site, admin: User
) -> None:
    """The response arrives while the receiver holds the report and has not answered."""

    async def fail() -> None:
        async with visitor(site, admin) as person:
            page = await person.client.get("/sentry-debug/")
            form = {"csrfmiddlewaretoken": person.client.cookies["csrftoken"]}
            assert "DebugError" in page.text
            answer = await person.client.post("/sentry-debug/", data=form)
            assert answer.status_code == 500

    with SentryReceiver(never_answers=True) as sentry:
        web = site.start("web", SENTRY_DSN=sentry.dsn, DRAIN_SECONDS="0")
        asyncio.run(fail())
        asyncio.run(fail())
        error = sentry.wait_for(error_of("DebugError"))
        assert (error["release"], error["environment"]) == (
            "recruit-live@0.1.0",
            "production",
        )
        assert not sentry.release.is_set()
        web.terminate()
        assert len(sentry.items) == 1, "the premise: the second report was still waiting"


def due(*names: str) -> None:
    """Enables only these schedule entries, all due since yesterday."""
    sync_schedule()
    PeriodicTask.objects.exclude(name__in=names).update(enabled=False)
    PeriodicTask.objects.filter(name__in=names).update(
        last_run_at=timezone.now() - timedelta(days=1)
    )
    PeriodicTasks.update_changed()
