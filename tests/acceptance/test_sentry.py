"""What the real processes tell Sentry when they fail: enough to find the fault, but of nobody."""

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
from realtime.background.periodic.sync import sync_schedule
from realtime.log.changes import record
from realtime.log.topics import board
from realtime.models import ScheduledRun
from tests.factories import make_interview
from tests.support.clients.websocket_client import Visitor, visitor, watching
from tests.support.external.sentry_receiver import (
    Item,
    SentryReceiver,
    check_in_of,
    error_of,
    sentry_client_restored,
)
from tests.support.product.failing_views import SampleError, fail_with
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by

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
RELEASE, ENVIRONMENT = "board@9.8.7", "rehearsal"


@pytest.fixture
def sentry() -> Iterator[SentryReceiver]:
    with SentryReceiver() as receiver:
        yield receiver


def told_to(sentry: SentryReceiver, **more: str) -> dict[str, str]:
    """The settings of a process that reports to this receiver, and in which mishaps happen."""
    return {
        **overridden_by("failing_views"),
        "SENTRY_DSN": sentry.dsn,
        "SENTRY_RELEASE": RELEASE,
        "SENTRY_ENVIRONMENT": ENVIRONMENT,
        "SENTRY_TRACES_SAMPLE_RATE": "1",
    } | more


@contextmanager
def mislaid(table: str) -> Iterator[None]:
    """Within, the database knows no such table: whoever reads it fails."""
    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {table} RENAME TO mislaid")
        try:
            yield
        finally:
            owner.execute(f"ALTER TABLE mislaid RENAME TO {table}")


@pytest.fixture
def interview(campaign: object, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


def is_findable(error: dict[str, Any]) -> bool:
    """The premise of all that is not told: the operator gets what he needs."""
    frames = error["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"]
    assert frames[-1]["context_line"].strip()
    return (error["release"], error["environment"]) == (RELEASE, ENVIRONMENT)


def is_timed(item: Item) -> bool:
    return item.type == "transaction"


def nobody_is_in(sentry: SentryReceiver, *secrets: str) -> bool:
    told = [word for word in (*WORDS.values(), *secrets) if sentry.contains(word)]
    assert told == []
    return bool(sentry.received)


async def submit(person: Visitor, address: str) -> None:
    """A form is sent from a page whose address holds a token."""
    form = WORDS | {"csrfmiddlewaretoken": person.client.cookies["csrftoken"]}
    headers = {
        "Referer": quote(address),
        "baggage": BAGGAGE,
        "sentry-trace": f"{'a' * 32}-{'b' * 16}-1",
    }
    answer = await person.client.post(address, data=form, headers=headers)
    assert answer.status_code == 500


def test_the_sdk_as_it_comes_would_tell_all_of_it(sentry: SentryReceiver) -> None:
    """The premise of what follows: these mishaps leave behind what must not be told."""
    with sentry_client_restored():
        sentry_sdk.init(sentry.dsn)
        with pytest.raises(SampleError):
            fail_with(WORDS)
        sentry.wait_for(lambda item: "logentry" in item.payload)
        assert [word for word in WORDS.values() if not sentry.contains(word)] == []


async def test_a_page_and_the_api_tell_where_they_failed_and_nothing_of_whom(
    site: Site, sentry: SentryReceiver, lin: User
) -> None:
    lin.username = "lin.coordinates"  # no part of any word of the code
    await lin.asave()
    await sync_to_async(site.start)("web", **told_to(sentry))
    async with visitor(site, lin) as person:
        await submit(person, ADDRESS)
        error = await sync_to_async(sentry.wait_for)(error_of("SampleError"))
        assert is_findable(error)
        assert error["transaction"] == "tests.support.product.failing_views.page"
        assert error["user"] == {"id": str(lin.pk)}
        assert error["tags"]["request_id"]
        kinds = [one["type"] for one in error["exception"]["values"]]
        assert kinds[-2:] == ["ValidationError", "SampleError"]
        unique = next(one for one in error["exception"]["values"] if "Unique" in one["type"])
        assert 'constraint "auth_group_name_key"' in unique["value"], "what code says is told"
        crumbs = {crumb.get("message") for crumb in error["breadcrumbs"]["values"]}
        assert {"Somebody is looked at", "SELECT %s, %s::text"} <= crumbs, "also on the way to it"
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
        assert nobody_is_in(sentry, TOKEN, TOKEN[::-1], *own, *cookies)
        assert not sentry.contains("sentry-user_id")
        assert not sentry.contains("weiming.ouyang"), "anybody may write tracing headers"


async def test_two_sockets_that_fail_at_once_are_told_apart(
    site: Site, sentry: SentryReceiver, lin: User, wu: User, interview: Interview
) -> None:
    await sync_to_async(site.start)("web", **told_to(sentry))
    async with visitor(site, lin) as one, visitor(site, wu) as two:
        async with one.socket(WALL) as wall, two.socket(OWN) as own:
            with mislaid("interview_interview"):
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
        assert nobody_is_in(sentry, *cookies, "autumn", f"person.{wu.pk}")
    timed = [item.payload["contexts"]["trace"]["op"] for item in sentry.items if is_timed(item)]
    assert set(timed) == {"http.server"}, "pages are timed, sockets are not"


async def test_the_relay_and_the_hub_tell_of_themselves_not_of_the_socket_that_woke_them(
    site: Site, sentry: SentryReceiver, lin: User, interview: Interview
) -> None:
    await sync_to_async(site.start)("relay", **told_to(sentry))
    await sync_to_async(site.start)("web", **told_to(sentry))
    async with visitor(site, lin) as person, watching(person, BOARD):
        with mislaid("interview_interview"):
            await sync_to_async(record)([(board("autumn"), f"interview:{interview.pk}")])
            for loop in ("relay", "hub"):
                failed = error_of("ProgrammingError", loop=loop)
                error = await sync_to_async(sentry.wait_for)(failed)
                assert is_findable(error)
                assert set(error["tags"]) == {"loop"}
                assert "user" not in error
        assert nobody_is_in(sentry, "autumn")


def test_work_and_the_schedule_tell_how_they_ended(
    site: Site, sentry: SentryReceiver, lin: User, interview: Interview
) -> None:
    due("trim-changes", "list-anonymisation", "ask-for-feedback")
    with mislaid("interview_interview"):
        site.start("worker", **told_to(sentry))
        app.send_task("tests.failing_task", [WORDS], headers={"audit_actor": lin.pk})
        error = sentry.wait_for(error_of("SampleError"))
        assert is_findable(error)
        assert error["transaction"] == "tests.failing_task"
        assert error["user"] == {"id": str(lin.pk)}, "it works for whoever started it"
        site.start("beat", **told_to(sentry))
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
    assert run.scheduled_for.minute == 0, "its moment comes through, in spite of added headers"
    told = [
        (item.payload["check_in_id"], item.payload["status"])
        for item in sentry.items
        if item.type == "check_in"
    ]
    assert len(told) == len(set(told)), "each is told once"
    with mislaid("realtime_heartbeat"):
        failed = sentry.wait_for(
            lambda item: "beat raised" in item.payload.get("logentry", {}).get("message", "")
        )
        assert is_findable(failed)
        assert failed["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert nobody_is_in(sentry)


def test_a_receiver_that_hangs_holds_up_neither_an_answer_nor_the_end(
    site: Site, admin: User
) -> None:
    """The answer comes while the receiver has the report, and has said nothing yet."""

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
        assert len(sentry.items) == 1, "the premise: the second report still waited"


def due(*names: str) -> None:
    """Only these entries, all of them due since yesterday."""
    sync_schedule()
    PeriodicTask.objects.exclude(name__in=names).update(enabled=False)
    PeriodicTask.objects.filter(name__in=names).update(
        last_run_at=timezone.now() - timedelta(days=1)
    )
    PeriodicTasks.update_changed()
