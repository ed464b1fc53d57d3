"""Rate limits are exact, shared by all processes, and tell the client when to retry."""

from __future__ import annotations

import itertools
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from jobs.models import Campaign
from realtime import site_identity
from realtime.http.rate_limit_settings import DEFAULTS, limits_from
from realtime.http.rate_limits import duration_text, rate_limited, seconds_to_wait
from realtime.rate_limiter import Rate
from realtime.redis_connection import redis_connection
from tests.people import PASSWORD, signed_in
from tests.support.contracts.metrics_in_process import Scrape, scraped

pytestmark = pytest.mark.redis

addresses = (f"198.51.{n // 256}.{n % 256}" for n in itertools.count())


def from_new_address() -> Client:
    """A visitor from an address that has sent no request yet."""
    return Client(REMOTE_ADDR=f"fd00:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1")


def new_subject() -> str:
    return f"person:{uuid.uuid4().hex}"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.RATE_LIMITS = limits_from("") | {"search": Rate(60, 60), "sign_in": Rate(3, 60)}


def counted(before: Scrape, scope: str) -> dict[str, float]:
    change = scraped().since(before)
    outcomes = {
        outcome: change.of("recruit_rate_limited_requests_total", scope=scope, outcome=outcome)
        for outcome in ("allowed", "refused", "uncounted")
    }
    return {outcome: number for outcome, number in outcomes.items() if number}


def test_of_200_concurrent_requests_exactly_60_are_allowed() -> None:
    subject = new_subject()
    with ThreadPoolExecutor(32) as threads:
        waits = list(threads.map(lambda _: seconds_to_wait(subject, "search"), range(200)))
    assert waits.count(0) == 60
    assert all(0 < wait <= 60 for wait in waits if wait)


def test_the_limit_is_a_sliding_window() -> None:
    """With fixed windows a client could send twice the limit around a window boundary."""
    subject = new_subject()
    for _ in range(60):
        assert seconds_to_wait(subject, "search") == 0
    move_back(subject, request=0, seconds=40)
    assert 19 < seconds_to_wait(subject, "search") <= 20
    move_back(subject, request=0, seconds=20)
    assert seconds_to_wait(subject, "search") == 0
    assert seconds_to_wait(subject, "search") > 0, "only the first request is outside the window"


def move_back(subject: str, *, request: int, seconds: int) -> None:
    """Moves the time of the request at this place in the list back by so many seconds."""
    key, place = f"{site_identity.prefix()}:rate:search:{subject}", -1 - request
    moment = int(redis_connection().lindex(key, place))
    redis_connection().lset(key, place, moment - seconds * 1_000_000)


def test_a_request_that_one_limit_rejects_does_not_count_for_another(settings: Settings) -> None:
    settings.RATE_LIMITS = {"personal_burst": Rate(1, 1), "personal_day": Rate(2, 3600)}
    subject, scopes = new_subject(), ("personal_burst", "personal_day")
    assert seconds_to_wait(subject, *scopes) == 0
    assert [seconds_to_wait(subject, *scopes) > 0 for _ in range(5)] == [True] * 5
    assert seconds_to_wait(subject, "personal_day") == 0
    assert seconds_to_wait(subject, *scopes) > 1000


@pytest.mark.django_db
def test_a_rejected_visitor_gets_a_page_that_says_when_to_retry() -> None:
    visitor = from_new_address()
    visitor.cookies["django_language"] = "en"
    for _ in range(60):
        assert visitor.get("/joblist/?q=engineer").status_code == 200
    response = visitor.get("/joblist/?q=engineer")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    page = response.content.decode()
    assert f"Try again in {response['Retry-After']} second" in page
    assert "project/card-page" in page
    visitor.cookies["django_language"] = "zh-hans"
    assert "请求过于频繁" in visitor.get("/joblist/?q=engineer").content.decode()
    assert visitor.get("/joblist/").status_code == 200, "only searches by words are counted"
    assert from_new_address().get("/joblist/?q=engineer").status_code == 200


@pytest.mark.django_db
def test_rejecting_a_visitor_runs_no_query(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.RATE_LIMITS = {"search": Rate(1, 60)}
    visitor = from_new_address()
    visitor.get("/joblist/?q=x")
    with django_assert_num_queries(0):
        assert visitor.get("/joblist/?q=x").status_code == 429


@pytest.mark.django_db
def test_our_scripts_get_the_rejection_as_json(settings: Settings) -> None:
    settings.RATE_LIMITS = {"search": Rate(1, 60)}
    visitor = from_new_address()
    visitor.get("/joblist/?q=x")
    refused = visitor.get("/joblist/?q=x", headers={"Accept": "application/json"})
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert refused["Retry-After"]
    assert refused.json()["detail"]


@pytest.mark.django_db
def test_a_forged_forwarding_header_does_not_evade_the_limit() -> None:
    visitor = from_new_address()
    statuses = [
        visitor.get("/joblist/?q=x", headers={"X-Forwarded-For": address}).status_code
        for address in itertools.islice(addresses, 61)
    ]
    assert statuses == [200] * 60 + [429]


@pytest.mark.django_db
def test_redis_does_not_receive_the_address_of_a_visitor() -> None:
    before = set(redis_connection().keys(f"{site_identity.prefix()}:rate:*"))
    Client(REMOTE_ADDR="203.0.113.77").get("/joblist/?q=x")
    (key,) = set(redis_connection().keys(f"{site_identity.prefix()}:rate:*")) - before
    assert b":address:" in key, "the premise"
    assert b"203.0" not in key


@pytest.mark.parametrize("page", ["/accounts/login/", "/admin/login/"])
def test_sign_in_attempts_are_limited(lin: User, page: str) -> None:
    visitor = from_new_address()
    names = ["zhang", "li", "qian"]  # different ones, so that no account is locked
    for name in names:
        assert visitor.post(page, {"username": name, "password": "guess"}).status_code == 200
    response = visitor.post(page, {"username": "lin", "password": PASSWORD})
    assert response.status_code == 429
    assert "_auth_user_id" not in visitor.session
    assert visitor.get(page).status_code == 200, "opening the form is not limited"


def test_a_signed_in_person_is_counted_across_addresses(
    lin: User, chen: User, campaign: Campaign, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"search": Rate(2, 3600)}
    desk, phone = (signed_in(from_new_address(), lin) for _ in range(2))
    assert [client.get("/candidates/?q=x").status_code for client in (desk, phone)] == [200, 200]
    assert desk.get("/candidates/?q=x").status_code == 429
    assert signed_in(from_new_address(), chen).get("/joblist/?q=x").status_code == 200


def test_page_and_api_share_the_export_limit(
    lin: User, campaign: Campaign, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"export": Rate(2, 3600)}
    client = signed_in(Client(), lin)
    form = {"what": "nothing", "format": "csv"}
    assert client.post("/exports/", form).status_code == 302
    response = client.post("/api/v1/exports/", form, content_type="application/json")
    assert response.status_code == 400
    assert client.post("/exports/", form).status_code == 429
    response = client.post("/api/v1/exports/", form, content_type="application/json")
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_all_requests_are_allowed_at_once() -> None:
    before, began = scraped(), time.monotonic()
    assert {seconds_to_wait("somebody", "sign_in") for _ in range(50)} == {0}
    assert time.monotonic() - began < 5, "only the first one tried"
    assert counted(before, "sign_in") == {"uncounted": 50}


def test_the_metric_counts_outcomes_by_scope() -> None:
    before, subject = scraped(), new_subject()
    for _ in range(5):
        seconds_to_wait(subject, "sign_in")
    assert counted(before, "sign_in") == {"allowed": 3, "refused": 2}


def test_limits_can_be_switched_off(settings: Settings) -> None:
    settings.RATE_LIMITS = limits_from("off")
    before, subject = scraped(), new_subject()
    assert {seconds_to_wait(subject, "sign_in") for _ in range(10)} == {0}
    assert counted(before, "sign_in") == {}


def test_an_unknown_scope_is_an_error_at_import() -> None:
    with pytest.raises(ValueError, match="unknown scope 'searches'"):
        rate_limited("searches")


def test_the_api_limits_are_those_of_the_protocol() -> None:
    assert DEFAULTS["anonymous_burst"] == "60/min"
    assert DEFAULTS["anonymous_day"] == "3000/day"


def test_clicking_all_day_stays_within_the_limits() -> None:
    """Two clicks per second all day, each causing a few requests."""
    usual = limits_from("")
    burst, day = usual["personal_burst"], usual["personal_day"]
    assert burst is not None
    assert burst.requests / burst.seconds >= 2 * 3
    assert day is not None
    assert day.requests >= 10_000 * 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (3600, "60 minutes"),
        (5401, "2 hours"),
        (86400, "24 hours"),
    ],
)
def test_a_wait_in_words_is_never_shorter_than_the_real_one(seconds: int, words: str) -> None:
    assert duration_text(seconds) == words
