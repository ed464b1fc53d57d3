"""What every address of the API has in common."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as project_settings
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from jobs.models import Campaign, Job
from realtime.http.rate_limit_settings import Rate
from realtime.http.tokens import api_token_create
from tests.factories import make_interview, make_job
from tests.people import signed_in
from tests.support.api import Api, api_of, refused

LISTS = (
    "campaigns/", "jobs/", "rooms/", "candidates/", "applications/", "interviews/", "imports/",
    "notices/", "tasks/",
)  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.django_db
def test_who_is_signed_out_is_asked_to_sign_in(address: str) -> None:
    answer = api_of(None).get(address)
    assert refused(answer, 401) == {}
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("address", LISTS)
def test_lists_come_in_pages(address: str, admin: User) -> None:
    page = api_of(admin).get(address).json()
    assert page.keys() == {"count", "next", "previous", "results"}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_can_neither_be_replaced_nor_deleted(address: str, admin: User) -> None:
    assert refused(api_of(admin).ask("PUT", address), 405) == {}
    assert refused(api_of(admin).ask("DELETE", address), 405) == {}


def test_a_page_holds_as_many_as_were_asked_for(lin: User, campaign: Campaign) -> None:
    for _ in range(3):
        make_job(campaign=campaign)
    page = api_of(lin).get("jobs/", page_size=2, page=2).json()
    assert (page["count"], len(page["results"]), page["next"]) == (3, 1, None)
    Job.objects.bulk_create(Job(campaign=campaign, title="Engineer") for _ in range(200))
    assert len(api_of(lin).get("jobs/", page_size=200).json()["results"]) == 200
    assert len(api_of(lin).get("jobs/", page_size="", page="").json()["results"]) == 50


@pytest.mark.parametrize("value", ["201", "0", "-1", "x", "1.5", "9" * 5000, "\x00"])
def test_a_page_of_no_size_is_refused(value: str, lin: User) -> None:
    assert refused(api_of(lin).get("jobs/", page_size=value)).keys() == {"page_size"}


@pytest.mark.parametrize("value", ["0", "-1", "x", "last", "x" * 5000])
def test_a_page_that_has_no_number_is_refused(value: str, lin: User) -> None:
    assert refused(api_of(lin).get("jobs/", page=value)).keys() == {"page"}


def test_a_page_behind_the_last_is_not_found(lin: User) -> None:
    api = api_of(lin)
    api.client.cookies["django_language"] = "en"
    for number in (2, 10**18):
        answer = api.get("jobs/", page=number)
        assert refused(answer, 404) == {"page": ["The last page is page 1."]}


def test_the_document_says_which_pages_there_are(schema: Any) -> None:
    found = {one["name"]: one for one in schema["paths"]["/api/v1/jobs/"]["get"]["parameters"]}
    size = found["page_size"]["schema"]
    assert (size["minimum"], size["maximum"], found["page"]["schema"]["minimum"]) == (1, 200, 1)


@pytest.mark.parametrize(
    "address", ["nowhere/", "interviews", "interviews/x/", f"interviews/{'9' * 5000}/"]
)
def test_an_address_that_leads_nowhere_says_so_like_all_others(address: str, lin: User) -> None:
    assert refused(api_of(lin).get(address), 404) == {}


@pytest.mark.parametrize("address", ["/api/", "/api/v2/jobs/", "/api/nowhere", "/api/docs"])
def test_all_below_the_api_speaks_its_language(address: str, lin: User) -> None:
    for method in ("GET", "POST", "DELETE"):
        refused(api_of(lin).client.generic(method, address), 404)


def test_what_fails_before_or_beside_a_view_is_told_in_the_same_manner(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api_of(lin).client
    client.raise_request_exception = False
    refused(client.get("/api/v1/jobs/", headers={"Host": "evil.example"}), 400)
    monkeypatch.setattr("jobs.api.viewsets.JobViewSet.get_queryset", lambda view: 1 / 0)
    assert refused(client.get("/api/v1/jobs/"), 500) == {}
    assert "html" in client.get("/", headers={"Host": "evil.example"})["Content-Type"]


@pytest.mark.parametrize("body", [b"\xff\xfe{}", '{"name":"房"}'.encode("gbk"), b"\x1f\x8b\x08"])
def test_what_is_not_utf_8_is_refused(body: bytes, lin: User) -> None:
    answer = api_of(lin).client.post("/api/v1/rooms/", body, content_type="application/json")
    refused(answer, 400)


def test_more_parts_than_a_form_may_have_are_refused(lin: User) -> None:
    fields = {f"field-{number}": "1" for number in range(1500)}
    refused(api_of(lin).client.post("/api/v1/imports/", fields), 400)


@pytest.mark.parametrize("body", ['{"name":', "[]", '"text"', "\x00", "9" * 5000, "null"])
def test_junk_is_refused_and_changes_nothing(body: str, lin: User, campaign: Campaign) -> None:
    for address in ("rooms/", "candidates/", "applications/", "interviews/"):
        client = api_of(lin).client
        answer = client.post(f"/api/v1/{address}", body, content_type="application/json")
        refused(answer, 400)
    assert not campaign.rooms.exists()
    assert not campaign.interviews.exists()


def test_what_is_too_large_or_too_deep_is_refused(lin: User) -> None:
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


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("address", ["rooms/", "imports/"])
def test_what_cannot_be_read_is_told_in_the_readers_language(
    address: str, body: bytes, lin: User
) -> None:
    client = api_of(lin).client
    client.cookies["django_language"] = "zh-hans"
    answer = client.post(f"/api/v1/{address}", body, content_type="application/json")
    refused(answer)
    assert in_chinese(answer.json()["detail"])


def test_a_form_whose_parts_cannot_be_told_apart_is_refused_in_the_readers_language(
    lin: User,
) -> None:
    client = api_of(lin).client
    client.cookies["django_language"] = "zh-hans"
    for head in ("multipart/form-data", "multipart/form-data; boundary=\xe9"):
        answer = client.post("/api/v1/imports/", b"x", content_type=head)
        refused(answer)
        assert in_chinese(answer.json()["detail"])


def in_chinese(text: str) -> bool:
    """Whether it is Chinese, with no English left but names."""
    return bool(re.search("[一-鿿]", text)) and not re.search("[a-z]{5}", text)


@pytest.mark.parametrize("address", LISTS)
def test_an_address_says_what_it_takes(address: str, lin: User) -> None:
    assert api_of(lin).ask("OPTIONS", address).status_code == 200
    assert api_of(lin).ask("HEAD", address).status_code == 200


def test_only_json_is_taken(lin: User) -> None:
    answer = api_of(lin).client.post("/api/v1/rooms/", {"name": "A"})
    assert refused(answer, 415) == {}


def test_a_session_without_the_forms_secret_changes_nothing(lin: User, campaign: Campaign) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/accounts/login/")
    secret = page.cookies["csrftoken"].value
    entries = {"username": "lin", "password": "a-long-way-to-tipperary"}
    client.post("/accounts/login/", entries | {"csrfmiddlewaretoken": secret})
    room = {"campaign": campaign.slug, "name": "A-1"}

    client.cookies["django_language"] = "zh-hans"
    answer = client.post("/api/v1/rooms/", room, content_type="application/json")
    refused(answer, 403)
    assert in_chinese(answer.json()["detail"])
    assert not campaign.rooms.exists()

    secret = client.cookies["csrftoken"].value
    answer = client.post(
        "/api/v1/rooms/", room, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert answer.status_code == 201


def test_a_token_opens_the_api_without_a_session(lin: User, campaign: Campaign) -> None:
    key = api_token_create(user=lin, name="A script")
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    assert Api(client).get("campaigns/").json()["count"] == 1
    assert Api(client).post("rooms/", {"campaign": "autumn", "name": "A-1"}).status_code == 201


def test_a_wrong_token_is_refused_even_with_a_session(lin: User) -> None:
    client = signed_in(Client(headers={"Authorization": "Token wrong"}), lin)
    assert refused(Api(client).get("campaigns/"), 401) == {}


def test_a_person_who_was_shut_out_is_signed_out(lin: User) -> None:
    api = api_of(lin)
    assert api.get("campaigns/").status_code == 200
    lin.is_active = False
    lin.save()
    refused(api.get("campaigns/"), 401)


def test_reasons_are_told_in_the_readers_language(lin: User, campaign: Campaign) -> None:
    api = api_of(lin)
    api.client.cookies["django_language"] = "en"
    assert refused(api.post("rooms/", {}))["name"] == ["This field is required."]
    api.client.cookies["django_language"] = "zh-hans"
    assert refused(api.post("rooms/", {}))["name"] == ["该字段是必填项。"]


@pytest.fixture
def small_budgets(settings: Settings) -> Iterator[None]:
    """Three requests a day, of which nobody has spent any."""
    settings.RATE_LIMITS = {
        scope: Rate(3, 86400) for scope in ("anonymous_burst", "personal_burst")
    }
    _forget_requests()
    yield
    _forget_requests()


def _forget_requests() -> None:
    with redis.Redis.from_url(project_settings.REDIS_URL) as server:
        if spent := list(server.scan_iter("recruit:rate:*")):
            server.delete(*spent)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_budgets")
def test_who_asks_too_often_without_signing_in_is_told_when_to_come_back() -> None:
    api = api_of(None)
    for _ in range(3):
        refused(api.get("jobs/"), 401)
    answer = api.get("jobs/")
    refused(answer, 429)
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600


@pytest.mark.usefixtures("small_budgets")
def test_guessing_tokens_spends_the_same_budget(lin: User) -> None:
    guesses = Api(Client(headers={"Authorization": "Token guess"}))
    statuses = [guesses.get("jobs/").status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.usefixtures("small_budgets")
def test_a_claimed_address_buys_no_second_budget(db: None) -> None:
    statuses = [
        Api(Client(headers={"X-Forwarded-For": f"10.0.0.{n}"})).get("jobs/").status_code
        for n in range(4)
    ]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.usefixtures("small_budgets")
def test_one_persons_haste_does_not_slow_another(lin: User, chen: User) -> None:
    hasty, calm = api_of(lin), api_of(chen)
    assert [hasty.get("jobs/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert calm.get("jobs/").status_code == 200


@pytest.mark.parametrize("address", LISTS)
def test_a_nul_in_a_question_is_refused_or_ignored(address: str, lin: User) -> None:
    make_interview()
    for field in ("campaign", "search", "status", "day", "room"):
        assert api_of(lin).get(address, **{field: "\x00"}).status_code in {200, 400}
