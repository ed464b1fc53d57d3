"""Conventions of the whole API: authentication, pagination, errors, throttling, languages."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import redis
from django.conf import settings as project_settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from jobs.models import Campaign, Job
from realtime import site_identity
from realtime.http.tokens import api_token_create
from realtime.rate_limiter import Rate
from tests.factories import make_interview, make_job
from tests.people import signed_in
from tests.support.clients.api import Api, api_of, refused

LISTS = (
    "campaigns/", "jobs/", "rooms/", "candidates/", "applications/", "interviews/", "imports/",
    "notices/", "tasks/",
)  # fmt: skip


@pytest.mark.django_db
def test_anonymous_requests_get_401_with_a_challenge(subtests: pytest.Subtests) -> None:
    for address in LISTS:
        with subtests.test(address=address):
            response = api_of(None).get(address)
            assert refused(response, 401) == {}
            assert response["WWW-Authenticate"] == "Token"


def test_lists_are_paginated(subtests: pytest.Subtests, admin: User) -> None:
    api = api_of(admin)
    for address in LISTS:
        with subtests.test(address=address):
            page = api.get(address).json()
            assert page.keys() == {"count", "next", "previous", "results"}


def test_a_list_can_neither_be_replaced_nor_deleted(subtests: pytest.Subtests, admin: User) -> None:
    api = api_of(admin)
    for address in LISTS:
        with subtests.test(address=address):
            assert refused(api.ask("PUT", address), 405) == {}
            assert refused(api.ask("DELETE", address), 405) == {}


def test_the_page_size_can_be_chosen(lin: User, campaign: Campaign) -> None:
    for _ in range(3):
        make_job(campaign=campaign)
    page = api_of(lin).get("jobs/", page_size=2, page=2).json()
    assert (page["count"], len(page["results"]), page["next"]) == (3, 1, None)
    Job.objects.bulk_create(Job(campaign=campaign, title="Engineer") for _ in range(200))
    assert len(api_of(lin).get("jobs/", page_size=200).json()["results"]) == 200
    assert len(api_of(lin).get("jobs/", page_size="", page="").json()["results"]) == 50


INVALID_PAGE_SIZES = ["201", "0", "-1", "x", "1.5", "9" * 5000, "\x00"]


def test_an_invalid_page_size_is_refused(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for value in INVALID_PAGE_SIZES:
        with subtests.test(value=value):
            assert refused(api.get("jobs/", page_size=value)).keys() == {"page_size"}


INVALID_PAGE_NUMBERS = ["0", "-1", "x", "last", "x" * 5000]


def test_an_invalid_page_number_is_refused(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for value in INVALID_PAGE_NUMBERS:
        with subtests.test(value=value):
            assert refused(api.get("jobs/", page=value)).keys() == {"page"}


def test_a_page_after_the_last_is_not_found(lin: User) -> None:
    api = api_of(lin)
    api.client.cookies["django_language"] = "en"
    for number in (2, 10**18):
        response = api.get("jobs/", page=number)
        assert refused(response, 404) == {"page": ["The last page is page 1."]}


def test_the_schema_documents_the_pagination_limits(schema: Any) -> None:
    found = {one["name"]: one for one in schema["paths"]["/api/v1/jobs/"]["get"]["parameters"]}
    size = found["page_size"]["schema"]
    assert (size["minimum"], size["maximum"], found["page"]["schema"]["minimum"]) == (1, 200, 1)


UNKNOWN_PATHS = ["nowhere/", "interviews", "interviews/x/", f"interviews/{'9' * 5000}/"]


def test_an_unknown_path_gets_a_problem_document(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for address in UNKNOWN_PATHS:
        with subtests.test(address=address):
            assert refused(api.get(address), 404) == {}


PATHS_BELOW_API = ["/api/", "/api/v2/jobs/", "/api/nowhere", "/api/docs"]


def test_every_path_below_api_answers_with_problem_documents(
    subtests: pytest.Subtests, lin: User
) -> None:
    api = api_of(lin)
    for address in PATHS_BELOW_API:
        with subtests.test(address=address):
            for method in ("GET", "POST", "DELETE"):
                refused(api.client.generic(method, address), 404)


def test_errors_outside_of_views_are_problem_documents(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api_of(lin).client
    client.raise_request_exception = False
    refused(client.get("/api/v1/jobs/", headers={"Host": "evil.example"}), 400)
    monkeypatch.setattr("jobs.api.viewsets.JobViewSet.get_queryset", lambda view: 1 / 0)
    assert refused(client.get("/api/v1/jobs/"), 500) == {}
    assert "html" in client.get("/", headers={"Host": "evil.example"})["Content-Type"]


NOT_UTF_8 = [b"\xff\xfe{}", '{"name":"房"}'.encode("gbk"), b"\x1f\x8b\x08"]


def test_a_body_that_is_not_utf_8_is_refused(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for body in NOT_UTF_8:
        with subtests.test(body=body):
            response = api.client.post("/api/v1/rooms/", body, content_type="application/json")
            refused(response, 400)


def test_a_form_with_too_many_fields_is_refused(lin: User) -> None:
    fields = {f"field-{number}": "1" for number in range(1500)}
    refused(api_of(lin).client.post("/api/v1/imports/", fields), 400)


MALFORMED = ['{"name":', "[]", '"text"', "\x00", "9" * 5000, "null"]


def test_malformed_json_is_refused_and_changes_nothing(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    for body in MALFORMED:
        with subtests.test(body=body):
            for address in ("rooms/", "candidates/", "applications/", "interviews/"):
                client = api.client
                response = client.post(f"/api/v1/{address}", body, content_type="application/json")
                refused(response, 400)
            assert not campaign.rooms.exists()
            assert not campaign.interviews.exists()


def test_a_body_that_is_too_large_or_too_deep_is_refused(lin: User) -> None:
    client = api_of(lin).client
    for body, status in (("[" * 100_000, 400), (f'{{"name": "{"x" * 2_000_000}"}}', 413)):
        refused(client.post("/api/v1/rooms/", body, content_type="application/json"), status)


UNREADABLE = {
    "a name without quotes": b"{name: 1}",
    "no end": b'{"name": "A"',
    "no UTF-8": b"\xff",
    "null": b"null",
    "a long number": b'{"position": ' + b"9" * 5000 + b"}",
    "no number": b'{"position": NaN}',
    "great depth": b"[" * 100_000,
}


def test_parse_errors_are_in_the_clients_language(subtests: pytest.Subtests, lin: User) -> None:
    client = api_of(lin).client
    client.cookies["django_language"] = "zh-hans"
    for address, (name, body) in product(("rooms/", "imports/"), UNREADABLE.items()):
        with subtests.test(address=address, body=name):
            response = client.post(f"/api/v1/{address}", body, content_type="application/json")
            refused(response)
            assert in_chinese(response.json()["detail"])


def test_multipart_errors_are_in_the_clients_language(
    lin: User,
) -> None:
    client = api_of(lin).client
    client.cookies["django_language"] = "zh-hans"
    for head in ("multipart/form-data", "multipart/form-data; boundary=\xe9"):
        response = client.post("/api/v1/imports/", b"x", content_type=head)
        refused(response)
        assert in_chinese(response.json()["detail"])


def in_chinese(text: str) -> bool:
    """Return True if the text is Chinese, without English words other than names of HTTP."""
    rest = re.sub("multipart|Content-Type", "", text)
    return bool(re.search("[一-鿿]", rest)) and not re.search("[a-z]{5}", rest)


def test_lists_answer_options_and_head(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for address in LISTS:
        with subtests.test(address=address):
            assert api.ask("OPTIONS", address).status_code == 200
            assert api.ask("HEAD", address).status_code == 200


def test_only_json_is_accepted(lin: User) -> None:
    response = api_of(lin).client.post("/api/v1/rooms/", {"name": "A"})
    assert refused(response, 415) == {}


def test_session_requests_need_the_csrf_token(lin: User, campaign: Campaign) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/accounts/login/")
    secret = page.cookies["csrftoken"].value
    entries = {"username": "lin", "password": "a-long-way-to-tipperary"}
    client.post("/accounts/login/", entries | {"csrfmiddlewaretoken": secret})
    room = {"campaign": campaign.slug, "name": "A-1"}

    client.cookies["django_language"] = "zh-hans"
    response = client.post("/api/v1/rooms/", room, content_type="application/json")
    refused(response, 403)
    assert in_chinese(response.json()["detail"])
    assert not campaign.rooms.exists()

    secret = client.cookies["csrftoken"].value
    response = client.post(
        "/api/v1/rooms/", room, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert response.status_code == 201


def test_a_token_works_without_a_session(lin: User, campaign: Campaign) -> None:
    key = api_token_create(user=lin, name="A script")
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    assert Api(client).get("campaigns/").json()["count"] == 1
    assert Api(client).post("rooms/", {"campaign": "autumn", "name": "A-1"}).status_code == 201


def test_a_wrong_token_is_refused_even_with_a_session(lin: User) -> None:
    client = signed_in(Client(headers={"Authorization": "Token wrong"}), lin)
    assert refused(Api(client).get("campaigns/"), 401) == {}


def test_a_deactivated_user_is_signed_out(lin: User) -> None:
    api = api_of(lin)
    assert api.get("campaigns/").status_code == 200
    lin.is_active = False
    lin.save()
    refused(api.get("campaigns/"), 401)


def test_validation_errors_are_in_the_clients_language(lin: User, campaign: Campaign) -> None:
    api = api_of(lin)
    api.client.cookies["django_language"] = "en"
    assert refused(api.post("rooms/", {}))["name"] == ["This field is required."]
    api.client.cookies["django_language"] = "zh-hans"
    assert refused(api.post("rooms/", {}))["name"] == ["该字段是必填项。"]


@pytest.fixture
def low_rate_limits(settings: Settings) -> Iterator[None]:
    """Three requests a day, none of them used."""
    settings.RATE_LIMITS = {
        scope: Rate(3, 86400) for scope in ("anonymous_burst", "personal_burst")
    }
    _reset_rate_limits()
    yield
    _reset_rate_limits()


def _reset_rate_limits() -> None:
    with redis.Redis.from_url(project_settings.REDIS_URL) as server:
        if spent := list(server.scan_iter(f"{site_identity.prefix()}:rate:*")):
            server.delete(*spent)


@pytest.mark.django_db
@pytest.mark.usefixtures("low_rate_limits")
def test_anonymous_requests_over_the_limit_get_429_with_retry_after() -> None:
    api = api_of(None)
    for _ in range(3):
        refused(api.get("jobs/"), 401)
    response = api.get("jobs/")
    refused(response, 429)
    assert 0 < int(response["Retry-After"]) <= 24 * 3600


@pytest.mark.usefixtures("low_rate_limits")
def test_requests_with_wrong_tokens_count_towards_the_limit(lin: User) -> None:
    guesses = Api(Client(headers={"Authorization": "Token guess"}))
    statuses = [guesses.get("jobs/").status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.usefixtures("low_rate_limits")
def test_a_forged_forwarded_header_does_not_reset_the_limit(db: None) -> None:
    statuses = [
        Api(Client(headers={"X-Forwarded-For": f"10.0.0.{n}"})).get("jobs/").status_code
        for n in range(4)
    ]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.usefixtures("low_rate_limits")
def test_rate_limits_are_per_person(lin: User, chen: User) -> None:
    hasty, calm = api_of(lin), api_of(chen)
    assert [hasty.get("jobs/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert calm.get("jobs/").status_code == 200


def test_a_nul_character_in_a_filter_causes_no_server_error(
    subtests: pytest.Subtests, lin: User
) -> None:
    api = api_of(lin)
    make_interview()
    for address in LISTS:
        with subtests.test(address=address):
            for field in ("campaign", "search", "status", "day", "room"):
                assert api.get(address, **{field: "\x00"}).status_code in {200, 400}
