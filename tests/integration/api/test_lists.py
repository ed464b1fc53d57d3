"""Conventions of all API lists: ordering, filters and a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview.models import Interview
from jobs.imports import runs
from jobs.models import Campaign
from realtime.background.task_runs import task_run_create
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
    make_notice,
    make_room,
    make_scorecard,
)
from tests.support.clients.api import api_of, queries_of, refused
from tests.support.product.clock import Clock

_numbers = count(1)


def add_import(campaign: Campaign, lin: User) -> None:
    content = f"姓名,手机\n李小龙,1890000{next(_numbers):04}\n坏人,12\n".encode()
    runs.import_run_create(content=content, file_name="a.csv", campaign=campaign, owner=lin)


def later(campaign: Campaign, **changed: Any) -> Interview:
    start = timezone.now() + timedelta(minutes=15 * (campaign.interviews.count() + 1))
    end = start + timedelta(minutes=45)
    return make_interview(campaign=campaign, starts_at=start, ends_at=end, **changed)


def add_application(campaign: Campaign, lin: User) -> None:
    make_application(campaign=campaign, candidate=make_candidate(campaign=campaign), by=lin)


MORE: dict[str, Callable[[Campaign, User], Any]] = {
    "applications/": add_application,
    "audit/": lambda campaign, lin: make_room(campaign=campaign),
    "campaigns/": lambda campaign, lin: make_member(make_campaign(), lin),
    "candidates/": add_application,
    "imports/": add_import,
    "interviews/": lambda campaign, lin: later(campaign),
    "jobs/": lambda campaign, lin: make_job(campaign=campaign),
    "notices/": lambda campaign, lin: make_notice(interview=later(campaign), recipient=lin),
    "rooms/": lambda campaign, lin: make_room(campaign=campaign),
    "tasks/": lambda campaign, lin: task_run_create(name="import", title="A file", owner=lin),
}


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def lists_of(schema: Any) -> dict[str, list[Any]]:
    """Return the parameters of each list by its path."""
    return {
        path: item["get"]["parameters"]
        for path, item in schema["paths"].items()
        if any(one["name"] == "page" for one in item.get("get", {}).get("parameters", []))
    }


def orders_of(parameters: list[Any]) -> list[str]:
    found = [one for one in parameters if one["name"] == "ordering"]
    return found[0]["schema"]["items"]["enum"] if found else []


def test_every_list_documents_its_orderings(schema: Any) -> None:
    lists = lists_of(schema)
    nested = "/api/v1/interviews/{interview}/scorecards/"
    assert lists.keys() == {f"/api/v1/{name}" for name in MORE} | {nested}
    assert all(orders_of(parameters) for parameters in lists.values())


def test_every_documented_ordering_works(schema: Any, admin: User, campaign: Campaign) -> None:
    interview, api = make_interview(campaign=campaign), api_of(admin)
    for path, parameters in lists_of(schema).items():
        address = path.removeprefix("/api/v1/").replace("{interview}", str(interview.pk))
        for name in orders_of(parameters):
            assert api.get(address, ordering=name).status_code == 200, (path, name)


def test_an_unknown_ordering_is_refused(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    for address in MORE:
        with subtests.test(address=address):
            for name in ("colour", "-", "pk; drop", "\x00"):
                assert refused(api.get(address, ordering=name)).keys() == {"ordering"}


def test_rows_come_in_the_requested_order(lin: User, campaign: Campaign) -> None:
    for title in ("B", "A", "C", "A"):
        make_job(campaign=campaign, title=title)
    jobs = api_of(lin).get("jobs/", ordering="-title").json()["results"]
    assert [job["title"] for job in jobs] == ["C", "B", "A", "A"]
    assert jobs[2]["id"] < jobs[3]["id"], "rows with equal values keep a fixed order"


IMPOSSIBLE_FILTER_VALUES = [
    ("applications/", "stage", "asleep"),
    ("audit/", "action", "sing"),
    ("audit/", "actor", "-1"),
    ("audit/", "at_after", "yesterday"),
    ("audit/", "at_before", "9999-12-31T23:59:59-12:00"),
    ("audit/", "label", "\x00"),
    ("audit/", "record", "9" * 30),
    ("audit/", "record", "1.5"),
    ("audit/", "request_id", "\x00"),
    ("campaigns/", "is_open", "perhaps"),
    ("imports/", "state", "lost"),
    ("jobs/", "is_published", "2"),
    ("jobs/", "kind", "hobby"),
    ("notices/", "event", "party"),
    ("notices/", "unread", "\x00"),
    ("rooms/", "is_active", "maybe"),
    ("tasks/", "state", "tired"),
]


def test_an_impossible_filter_value_is_refused_at_its_field(
    subtests: pytest.Subtests, admin: User
) -> None:
    api = api_of(admin)
    for address, field, value in IMPOSSIBLE_FILTER_VALUES:
        with subtests.test(address=address, field=field, value=value):
            errors = refused(api.get(address, **{field: value}))
            assert errors.keys() == {field}
            assert len(errors[field]) == 1


def test_boolean_filters_tell_true_from_false(lin: User, campaign: Campaign) -> None:
    make_room(campaign=campaign, is_active=False)
    found = {
        value: api_of(lin).get("rooms/", is_active=value).json()["count"]
        for value in ("true", "false", "TRUE", "")
    }
    assert found == {"true": 0, "false": 1, "TRUE": 0, "": 1}


@pytest.mark.parametrize("address", MORE)
def test_a_list_needs_the_same_number_of_queries_at_any_length(
    address: str, clock: Clock, lin: User, campaign: Campaign
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            MORE[address](campaign, lin)

    api = api_of(lin)
    add(2)
    queries_of(api, address)
    few, length = queries_of(api, address), len(api.get(address).json()["results"])
    add(5)
    assert len(api.get(address).json()["results"]) >= length + 5
    assert queries_of(api, address) == few


def test_scorecards_need_the_same_number_of_queries_at_any_length(
    admin: User, wu: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, status="feedback_due", interviewers=[wu, zhao])
    api, address = api_of(admin), f"interviews/{interview.pk}/scorecards/"
    make_scorecard(interview=interview, interviewer=wu)
    queries_of(api, address)
    few = queries_of(api, address)
    make_scorecard(interview=interview, interviewer=zhao)
    assert api.get(address).json()["count"] == 2
    assert queries_of(api, address) == few


IMPOSSIBLE_IDS = [2**31, 2**63 - 1, 2**63, 10**18, 10**30]


def test_an_impossible_id_in_the_path_is_not_found(
    subtests: pytest.Subtests, admin: User, schema: Any
) -> None:
    api = api_of(admin)
    api.client.raise_request_exception = False
    for pk in IMPOSSIBLE_IDS:
        with subtests.test(pk=pk):
            for path, item in schema["paths"].items():
                for method in item:
                    address = path.removeprefix("/api/v1/")
                    if "{" not in address:
                        continue
                    for name in ("id", "interview", "line", "slug"):
                        address = address.replace(f"{{{name}}}", str(pk))
                    response = api.client.generic(
                        method.upper(), f"/api/v1/{address}", b"{}", content_type="application/json"
                    )
                    assert response.status_code in {400, 404, 415}, (
                        method,
                        path,
                        response.status_code,
                    )


@pytest.mark.parametrize("pk", [2**63, 10**30])
def test_an_impossible_id_in_the_body_is_refused(pk: int, lin: User) -> None:
    make_campaign()
    for address in ("interviews/", "applications/", "bulk-plans/", "notices/read/"):
        lists = {"ids": [pk], "rooms": [pk], "interviewers": [pk], "applications": [pk]}
        entries = lists | dict.fromkeys(("application", "room", "round", "candidate", "job"), pk)
        refused(api_of(lin).post(address, entries))
