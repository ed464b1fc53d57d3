"""Whoever guesses at a password is locked out for a while; nobody else is, and nobody is named."""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django import Settings

from project.accounts import lockout
from realtime.circuit_breaker import CircuitBreaker
from tests.people import PASSWORD, signed_in
from tests.support.metrics_in_process import scraped

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

DOORS = ("/accounts/login/", "/admin/login/")
NOWHERE = "redis://127.0.0.1:1"


def from_somewhere(**cookies: str) -> Client:
    """A browser at an address from which nobody has tried anything."""
    client = Client(REMOTE_ADDR=f"fd00:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1")
    client.cookies["django_language"] = cookies.get("language", "en")
    return client


@pytest.fixture(autouse=True)
def _three_times(settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3


def enter(client: Client, name: str, password: str, door: str = DOORS[0]):
    return client.post(door, {"username": name, "password": password, "next": "/"})


def guess(client: Client, name: str, times: int, door: str = DOORS[0]) -> list[int]:
    return [enter(client, name, f"guess-{n}", door).status_code for n in range(times)]


@pytest.mark.parametrize("door", DOORS)
def test_after_too_many_guesses_the_right_password_is_refused_too(lin: User, door: str) -> None:
    browser = from_somewhere()
    assert guess(browser, "lin", 3, door) == [200, 200, 429]
    for other_door in DOORS:
        answer = enter(browser, "lin", PASSWORD, other_door)
        assert answer.status_code == 429
    assert "_auth_user_id" not in browser.session
    assert 14 * 60 < int(answer["Retry-After"]) <= 15 * 60
    assert answer["Content-Security-Policy"] == Client().get(door)["Content-Security-Policy"]
    assert answer["Content-Language"] == "en"
    page = answer.content.decode()
    assert "Sign-in temporarily locked" in page
    assert "15 minutes" in page
    assert "project/card-page" in page
    browser.cookies["django_language"] = "zh-hans"
    assert "密码错误次数过多" in enter(browser, "lin", PASSWORD, door).content.decode()


def test_of_many_guesses_at_once_no_more_are_looked_at_than_the_limit(rf: RequestFactory) -> None:
    """Each would find that nobody has failed yet, if failures alone were counted."""
    client = from_somewhere().defaults

    def may_try(number: int) -> bool:
        request = rf.post(DOORS[0], **client)
        return bool(AxesProxyHandler.is_allowed(request, {"username": "lin", "password": number}))

    with ThreadPoolExecutor(24) as threads:
        assert Counter(threads.map(may_try, range(60))) == {True: 3, False: 57}


def test_elsewhere_and_with_another_name_one_may_sign_in(lin: User, wu: User) -> None:
    browser = from_somewhere()
    assert guess(browser, "lin", 3)[-1] == 429
    signed_in(from_somewhere(), lin)
    signed_in(browser, wu)


def test_a_forged_address_is_the_same_address(lin: User) -> None:
    browser = from_somewhere()
    for n in range(3):
        browser.post(
            DOORS[0],
            {"username": "lin", "password": "guess"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )
    assert enter(browser, "lin", PASSWORD).status_code == 429


def test_a_name_that_ends_like_an_address_locks_nobody_else(lin: User) -> None:
    guesser, owner = Client(REMOTE_ADDR="1.2.3.4"), Client(REMOTE_ADDR="61.2.3.4")
    assert guess(guesser, "lin6", 3)[-1] == 429
    assert guess(guesser, "lin@6", 3)[-1] == 429
    signed_in(owner, lin)


def test_signing_in_forgets_the_failures_before_it(lin: User) -> None:
    browser = from_somewhere()
    for _ in range(3):
        assert guess(browser, "lin", 2) == [200, 200]
        signed_in(browser, lin)
        browser.post("/accounts/logout/")


def test_when_the_time_is_over_the_right_password_opens_again(
    lin: User, settings: Settings
) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(seconds=1)
    browser = from_somewhere()
    assert guess(browser, "lin", 3)[-1] == 429
    began = time.monotonic()
    while enter(browser, "lin", PASSWORD).status_code == 429:
        assert time.monotonic() - began < 30, "attempts meanwhile do not lengthen it"
    assert "_auth_user_id" in browser.session


def test_a_name_that_nobody_has_is_locked_like_any_other() -> None:
    """Who could tell them apart would know who works here."""
    assert guess(from_somewhere(), "nobody", 4) == [200, 200, 429, 429]


def test_nothing_is_logged_of_who_it_was(lin: User, caplog: pytest.LogCaptureFixture) -> None:
    browser = from_somewhere()
    with caplog.at_level(logging.DEBUG):
        guess(browser, "lin", 4)
        signed_in(from_somewhere(), lin)
    address = browser.defaults["REMOTE_ADDR"]
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert [line for line in said if "lin" in line.split() or address in line] == []
    assert [record for record in caplog.records if record.name.startswith("axes")] == []


def test_the_metric_tells_how_many_were_wrong_and_how_many_refused(lin: User) -> None:
    before = scraped()
    guess(from_somewhere(), "lin", 5)
    moved = scraped().since(before)
    name = "recruit_rate_limited_requests_total"
    assert moved.of(name, scope="lock_out", outcome="allowed") == 2
    assert moved.of(name, scope="lock_out", outcome="refused") == 3


def test_without_redis_who_knows_the_password_gets_in(
    lin: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockout, "redis_connection", lambda: redis.Redis.from_url(NOWHERE))
    monkeypatch.setattr(lockout, "_breaker", CircuitBreaker(60.0))
    lockout._count_script.cache_clear()
    before, browser = scraped(), from_somewhere()
    assert guess(browser, "lin", 5) == [200] * 5
    signed_in(browser, lin)
    moved = scraped().since(before)
    name = "recruit_rate_limited_requests_total"
    assert moved.of(name, scope="lock_out", outcome="uncounted") == 5
    lockout._count_script.cache_clear()


def test_switched_off_nobody_is_locked_out(lin: User, settings: Settings) -> None:
    settings.AXES_ENABLED = False
    browser = from_somewhere()
    assert guess(browser, "lin", 5) == [200] * 5
    signed_in(browser, lin)
