"""Lockout after wrong passwords: per user name and address, for a while, without logging names."""

from __future__ import annotations

import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from project.accounts.auth_backend import PrefetchingBackend
from realtime.rate_limiter import RateLimit
from tests.people import PASSWORD, signed_in
from tests.support.contracts.metrics_in_process import scraped

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

SIGN_IN_PATHS = ("/accounts/login/", "/admin/login/")


def from_new_address(**cookies: str) -> Client:
    """Return a browser at a new client address."""
    client = Client(REMOTE_ADDR=f"fd00:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1")
    client.cookies["django_language"] = cookies.get("language", "en")
    return client


@pytest.fixture(autouse=True)
def _three_attempts(settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 3


def sign_in(client: Client, name: str, password: str, path: str = SIGN_IN_PATHS[0]):
    return client.post(path, {"username": name, "password": password, "next": "/"})


def guess(client: Client, name: str, times: int, path: str = SIGN_IN_PATHS[0]) -> list[int]:
    return [sign_in(client, name, f"guess-{n}", path).status_code for n in range(times)]


@pytest.mark.parametrize("path", SIGN_IN_PATHS)
def test_after_too_many_wrong_passwords_the_right_one_is_refused_too(lin: User, path: str) -> None:
    browser = from_new_address()
    assert guess(browser, "lin", 3, path) == [200, 200, 429]
    for other_path in SIGN_IN_PATHS:
        response = sign_in(browser, "lin", PASSWORD, other_path)
        assert response.status_code == 429
    assert "_auth_user_id" not in browser.session
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60
    assert response["Content-Security-Policy"] == Client().get(path)["Content-Security-Policy"]
    assert response["Content-Language"] == "en"
    page = response.content.decode()
    assert "Sign-in temporarily locked" in page
    assert "15 minutes" in page
    assert "project/card-page" in page
    browser.cookies["django_language"] = "zh-hans"
    assert "密码错误次数过多" in sign_in(browser, "lin", PASSWORD, path).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_50_concurrent_wrong_passwords_only_as_many_as_the_limit_are_checked(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If only failures were counted, each attempt would start before the others have failed."""
    client, checked = from_new_address().defaults, []

    def check(backend: PrefetchingBackend, request: HttpRequest, **credentials: str) -> None:
        checked.append(credentials["password"])

    monkeypatch.setattr(PrefetchingBackend, "authenticate", check)

    def attempt(number: int) -> None:
        request = rf.post(SIGN_IN_PATHS[0], **client)
        assert authenticate(request, username="lin", password=str(number)) is None
        connection.close()

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(attempt, range(50)))
    assert len(checked) == 3


def test_other_addresses_and_other_names_are_not_locked(lin: User, wu: User) -> None:
    browser = from_new_address()
    assert guess(browser, "lin", 3)[-1] == 429
    signed_in(from_new_address(), lin)
    signed_in(browser, wu)


def test_a_forged_forwarded_header_does_not_evade_the_lockout(lin: User) -> None:
    browser = from_new_address()
    for n in range(3):
        browser.post(
            SIGN_IN_PATHS[0],
            {"username": "lin", "password": "guess"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )
    assert sign_in(browser, "lin", PASSWORD).status_code == 429


def test_a_name_that_runs_into_the_address_locks_nobody_else(lin: User) -> None:
    guesser, owner = Client(REMOTE_ADDR="1.2.3.4"), Client(REMOTE_ADDR="61.2.3.4")
    assert guess(guesser, "lin6", 3)[-1] == 429
    assert guess(guesser, "lin@6", 3)[-1] == 429
    signed_in(owner, lin)


def test_a_successful_sign_in_resets_the_count(lin: User) -> None:
    browser = from_new_address()
    for _ in range(3):
        assert guess(browser, "lin", 2) == [200, 200]
        signed_in(browser, lin)
        browser.post("/accounts/logout/")


def test_after_the_lockout_the_right_password_works_again(lin: User, settings: Settings) -> None:
    settings.SIGN_IN_LOCK_TIME = timedelta(seconds=1)
    browser = from_new_address()
    assert guess(browser, "lin", 3)[-1] == 429
    began = time.monotonic()
    while sign_in(browser, "lin", PASSWORD).status_code == 429:
        assert time.monotonic() - began < 30, "refused attempts do not prolong it"
    assert "_auth_user_id" in browser.session


def test_a_refused_attempt_is_shown_as_locked_even_if_the_lockout_ends_meanwhile(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the form would say that the password, which nobody checked, was wrong."""
    browser = from_new_address()
    assert guess(browser, "lin", 3)[-1] == 429
    monkeypatch.setattr(RateLimit, "seconds_to_wait", lambda limit: 0.0)
    assert sign_in(browser, "lin", PASSWORD).status_code == 429


def test_an_unknown_user_name_is_locked_like_a_known_one() -> None:
    """Otherwise the lockout would reveal which user names exist."""
    assert guess(from_new_address(), "nobody", 4) == [200, 200, 429, 429]


def test_no_user_name_or_address_is_logged(lin: User, caplog: pytest.LogCaptureFixture) -> None:
    browser = from_new_address()
    with caplog.at_level(logging.DEBUG):
        guess(browser, "lin", 4)
        signed_in(from_new_address(), lin)
    address = browser.defaults["REMOTE_ADDR"]
    messages = [
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    ]
    assert [line for line in messages if "lin" in line.split() or address in line] == []


def test_the_metric_counts_allowed_and_refused_attempts(lin: User) -> None:
    before = scraped()
    guess(from_new_address(), "lin", 5)
    moved = scraped().since(before)
    name = "recruit_rate_limited_requests_total"
    assert moved.of(name, scope="lock_out", outcome="allowed") == 2
    assert moved.of(name, scope="lock_out", outcome="refused") == 3


def test_while_redis_is_down_nobody_is_locked_out(lin: User, redis_is_away: None) -> None:
    before, browser = scraped(), from_new_address()
    assert guess(browser, "lin", 5) == [200] * 5
    signed_in(browser, lin)
    moved = scraped().since(before)
    name = "recruit_rate_limited_requests_total"
    assert moved.of(name, scope="lock_out", outcome="uncounted") == 5


def test_the_lockout_can_be_switched_off(lin: User, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 0
    browser = from_new_address()
    assert guess(browser, "lin", 5) == [200] * 5
    signed_in(browser, lin)


def test_a_database_with_the_tables_of_django_axes_still_migrates(lin: User) -> None:
    """Earlier versions counted wrong passwords with that package."""
    MigrationRecorder(connection).record_applied("axes", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accessattempt (id serial PRIMARY KEY, username text)")
    call_command("migrate", verbosity=0)
    call_command("migrate", "--check", verbosity=0)
    signed_in(from_new_address(), lin)
    assert "axes_accessattempt" in connection.introspection.table_names()
