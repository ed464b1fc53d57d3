"""Dates that no calendar uses are refused everywhere, and days and hours are those of the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from interview.models import BulkPlan, Interview
from interview.services import suggest_interviewers
from jobs.models import Campaign
from monitoring.http.dates import DayField, moment_of
from tests.factories import (
    make_application,
    make_bulk_plan,
    make_interview,
    make_interviewer,
    make_room,
    make_round,
)
from tests.people import signed_in
from tests.support.clients.api import api_of, refused, state_of

pytestmark = pytest.mark.django_db

DAYS = ("0001-01-01", "9999-12-31", "1999-12-31", "2100-01-01", "0000-01-01", "10000-01-01")
MOMENTS = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59",
    "1999-12-31T00:00:00Z",
    "2100-01-02T00:00:00Z",
    "2036-11-22T10:00:00+99:99",
)
NO_DATES = ("soon", "2026-02-30", "26-11-2026T", "1e9", "\x00")
NINE = datetime(2031, 3, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu], starts_at=NINE)


@pytest.fixture
def plan(campaign: Campaign, lin: User, wu: User) -> BulkPlan:
    return make_bulk_plan(campaign=campaign, owner=lin, interviewers=[wu], days=[date(2031, 3, 4)])


@pytest.fixture
def requests(interview: Interview, plan: BulkPlan, wu: User) -> dict[str, dict[str, Any]]:
    """A valid body for every operation of the API that takes dates, by method and path."""
    one, campaign = interview.pk, interview.campaign
    times = {"starts_at": NINE.isoformat(), "ends_at": (NINE + HOUR).isoformat()}
    new = {"round": 1, "room": make_room(campaign=campaign).pk, "interviewers": [wu.pk], **times}
    line = plan.lines.get()
    bulk = {
        "applications": [make_application(campaign=campaign).pk],
        "round": 1,
        "rooms": [new["room"]],
        "interviewers": [wu.pk],
        "days": ["2031-03-04"],
    }
    own = {"name": "Spring", "slug": "spring", "starts_on": "2031-03-04", "ends_on": "2031-03-05"}
    return {
        "post interviews/": new | {"application": make_application(campaign=campaign).pk},
        f"patch interviews/{one}/": {"version": 1, **times},
        f"post interviews/{one}/reschedule/": {"version": 1, "reason": "x", **times},
        f"post interviews/{one}/offer-times/": {"version": 1, "starts": [NINE.isoformat()]},
        f"post rooms/{interview.room_id}/shift/": {"minutes": 5, "from": NINE.isoformat()},
        "post bulk-plans/": bulk,
        f"patch bulk-plans/{plan.pk}/lines/{line.pk}/": {
            "version": plan.version,
            "starts_at": NINE.isoformat(),
        },
        "post campaigns/": own,
        f"patch campaigns/{campaign.slug}/": {"starts_on": "2031-03-04", "ends_on": "2031-03-05"},
    }


@pytest.fixture
def queries(interview: Interview) -> list[str]:
    """The address of every operation of the API with a date in its query, without the value."""
    conflicts = f"interviews/{interview.pk}/conflicts/"
    return [
        "interviews/?day=",
        "interviews/?day_from=",
        "interviews/?day_to=",
        f"{conflicts}?starts_at=",
        f"{conflicts}?ends_at=",
        "audit/?at_after=",
        "audit/?at_before=",
    ]


def _dates_in(schema: dict[str, Any], components: dict[str, Any]) -> Iterator[str]:
    """Names of the writable properties of a schema that hold days or times."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    for name, part in schema.get("properties", {}).items():
        holds = part.get("items", part)
        if holds.get("format") in {"date", "date-time"} and not part.get("readOnly"):
            yield name


def described_dates() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(operation, field) of each date in a body, and in a query, as the API describes itself."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    bodies, in_queries = set(), set()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path.removeprefix('/api/v1/')}"
            for parameter in operation.get("parameters", ()):
                if parameter["schema"].get("format") in {"date", "date-time"}:
                    in_queries.add((name, parameter["name"]))
            content = operation.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema", {})
            bodies |= {(name, field) for field in _dates_in(body, schema["components"]["schemas"])}
    return bodies, in_queries


def is_like(request: str, operation: str) -> bool:
    """True if a request such as "patch rooms/3/" is an example of "patch rooms/{id}/"."""
    given, described = request.split("/"), operation.split("/")
    return len(given) == len(described) and all(
        one == other or other.startswith("{") for one, other in zip(given, described, strict=True)
    )


def test_every_date_that_the_api_takes_has_an_example_here(requests, queries):
    bodies, in_queries = described_dates()
    assert bodies, "the description names dates"
    for operation, field in bodies:
        examples = [body for name, body in requests.items() if is_like(name, operation)]
        assert examples, operation
        assert field in examples[0], (operation, field)
    for operation, field in in_queries:
        path = operation.removeprefix("get ")
        asked = (one.split("?") for one in queries)
        assert any(is_like(address, path) and query == f"{field}=" for address, query in asked), (
            operation,
            field,
        )


def test_the_api_refuses_dates_of_other_centuries_at_their_field(
    subtests: pytest.Subtests, lin: User, requests
):
    api = api_of(lin)
    before = state_of(Interview, Campaign, BulkPlan)
    for request, body in requests.items():
        method, path = request.split(" ")
        for field in body.keys() & {*("starts_at", "ends_at", "starts", "from"), *DAY_FIELDS}:
            values = DAYS if field in DAY_FIELDS else MOMENTS
            for value in (*values, *NO_DATES):
                with subtests.test(request=request, field=field, value=value):
                    entered = [value] if isinstance(body[field], list) else value
                    answer = getattr(api, method)(path, body | {field: entered})
                    assert field in refused(answer, 400), answer.json()
    assert state_of(Interview, Campaign, BulkPlan) == before


DAY_FIELDS = frozenset({"days", "starts_on", "ends_on"})


def test_filters_of_the_api_refuse_dates_of_other_centuries(
    subtests: pytest.Subtests, admin: User, queries
):
    api = api_of(admin)
    for address in queries:
        for value in (*DAYS, *MOMENTS, *NO_DATES):
            with subtests.test(address=address, value=value):
                answer = api.get(address + value.replace("+", "%2B").replace("\x00", "%00"))
                assert answer.status_code == 400, answer.content


def attempts_on(
    day: str, client: Client, interview: Interview, plan: BulkPlan
) -> dict[str, Callable[[], Any]]:
    """Requests with this day, one for each field of a page that takes a date."""
    application = interview.application_id
    schedule = reverse("schedule", args=[application])
    line = reverse("bulk_line", args=[plan.pk, plan.lines.get().pk])
    moment = f"{day}T10:00"
    days = {"first_day": day, "last_day": day}
    posts: dict[str, tuple[str, dict[str, Any]]] = {
        "schedule": (schedule, {"day": day, "start": "10:00"}),
        "reschedule": (
            reverse("interview_action", args=[interview.pk, "reschedule"]),
            {"version": 1, "starts_at": moment, "ends_at": moment, "reason": "x"},
        ),
        "offer": (
            reverse("interview_action", args=[interview.pk, "offer-times"]),
            {"version": 1, "starts": [moment]},
        ),
        "bulk": (
            reverse("bulk_plans"),
            {"do": "propose", "application": [application], **days},
        ),
        "line": (line, {"version": plan.version, "day": day, "start": "10:00"}),
    }
    pages = ("/board/autumn/?plain=1&day=", "/analytics/?since=", "/analytics/?until=")
    pages += ("/audit/?since=", "/audit/?until=")
    reads = {page: partial(client.get, page + day) for page in pages}
    return reads | {name: partial(client.post, *post) for name, post in posts.items()}


def test_pages_answer_400_to_dates_of_other_centuries(
    subtests: pytest.Subtests, lin: User, interview: Interview, plan: BulkPlan
):
    client = signed_in(Client(), lin)
    schedule = reverse("schedule", args=[interview.application_id])
    before = state_of(Interview, BulkPlan)
    for day in DAYS:
        for name, attempt in attempts_on(day, client, interview, plan).items():
            with subtests.test(page=name, day=day):
                is_no_date = name.startswith("/board") and day in {"0000-01-01", "10000-01-01"}
                answer = attempt()
                assert answer.status_code == (200 if is_no_date else 400), answer.content[:500]
        with subtests.test(page="prefilled", day=day):
            assert client.get(f"{schedule}?day={day}&start=10:00").status_code == 200
    assert state_of(Interview, BulkPlan) == before


def test_a_campaign_that_was_stored_with_an_extreme_day_does_not_break_pages(
    lin: User, campaign: Campaign
):
    application = make_application(campaign=campaign)
    Campaign.objects.filter(pk=campaign.pk).update(starts_on="9999-12-31", ends_on="9999-12-31")
    client = signed_in(Client(), lin)
    assert client.get(reverse("schedule", args=[application.pk])).status_code == 200
    assert client.get(reverse("bulk_plans"), {"pk": application.pk}).status_code in {200, 302}


def test_every_form_of_the_product_takes_days_of_allowed_years_only(interview: Interview):
    def classes(base: type) -> Iterator[type]:
        for one in base.__subclasses__():
            yield one
            yield from classes(one)

    own = [one for one in classes(forms.Form) if one.__module__.startswith(("interview", "jobs"))]
    fields = [
        (one, field)
        for one in own
        for field in getattr(one, "base_fields", {}).values()
        if isinstance(field, forms.DateField)
    ]
    assert fields
    for form, field in fields:
        has_limits = isinstance(field, DayField) or len(field.validators) >= 2
        assert has_limits, form


class TestClockChanges:
    """In Berlin clocks go from 2:00 to 3:00 on 30 March 2031, and back on 26 October."""

    def test_a_time_that_the_clocks_skip_is_refused(self, lin: User, campaign: Campaign, wu: User):
        Campaign.objects.filter(pk=campaign.pk).update(time_zone=BERLIN)
        with pytest.raises(ValidationError):
            moment_of(date(2031, 3, 30), time(2, 30), ZoneInfo(BERLIN))
        application = make_application(campaign=campaign)
        body = {
            "application": application.pk,
            "round": 1,
            "room": make_room(campaign=campaign).pk,
            "interviewers": [wu.pk],
            "starts_at": "2031-03-30T02:30",
            "ends_at": "2031-03-30T03:30",
        }
        assert "starts_at" in refused(api_of(lin).post("interviews/", body))
        page = signed_in(Client(), lin).post(
            reverse("schedule", args=[application.pk]),
            {"day": "2031-03-30", "start": "02:30", "minutes": "30"},
            headers={"accept-language": "en"},
        )
        assert page.status_code == 400
        assert "The clocks skip this time" in page.content.decode()
        assert not Interview.objects.exists()

    @pytest.mark.parametrize(
        ("day", "ends"), [("2031-03-30", "01:30:00+00:00"), ("2031-10-26", "00:30:00+00:00")]
    )
    def test_an_hour_is_an_hour_on_the_night_of_a_clock_change(
        self, day: str, ends: str, lin: User, campaign: Campaign, wu: User
    ):
        """From 01:30 in Berlin, an hour lasts until 03:30 in spring and until 02:30 in autumn."""
        Campaign.objects.filter(pk=campaign.pk).update(time_zone=BERLIN)
        application = make_application(campaign=campaign)
        form = {
            "day": day,
            "start": "01:30",
            "minutes": "60",
            "round": make_round().pk,
            "room": make_room(campaign=campaign).pk,
            "interviewers": [wu.pk],
        }
        address = reverse("schedule", args=[application.pk])
        assert signed_in(Client(), lin).post(address, form).status_code == 302
        made = Interview.objects.get()
        assert made.ends_at - made.starts_at == HOUR
        assert made.ends_at.isoformat().endswith(ends)

    def test_an_interview_may_start_in_the_hour_that_comes_twice(
        self, lin: User, campaign: Campaign, wu: User
    ):
        Campaign.objects.filter(pk=campaign.pk).update(time_zone=BERLIN)
        first = moment_of(date(2031, 10, 26), time(2, 30), ZoneInfo(BERLIN))
        assert first == datetime(2031, 10, 26, 0, 30, tzinfo=UTC)
        body = {
            "application": make_application(campaign=campaign).pk,
            "round": 1,
            "room": make_room(campaign=campaign).pk,
            "interviewers": [wu.pk],
            "starts_at": "2031-10-26T02:50:00+02:00",
            "ends_at": "2031-10-26T02:10:00+01:00",
        }
        assert api_of(lin).post("interviews/", body).status_code == 201


def test_the_load_of_a_day_is_counted_on_the_campaigns_clock(campaign: Campaign, zhao: User):
    """21:00 and 08:00 the next morning in New York are one day in UTC."""
    Campaign.objects.filter(pk=campaign.pk).update(time_zone=NEW_YORK)
    campaign.refresh_from_db()
    evening = datetime(2031, 3, 4, 2, tzinfo=UTC)
    make_interview(campaign=campaign, interviewers=[zhao], starts_at=evening)
    asked = make_interview(
        campaign=campaign, interviewers=[make_interviewer()], starts_at=evening + 11 * HOUR
    )
    load = {one["id"]: one["load"] for one in suggest_interviewers(asked)}
    assert load[zhao.pk] == 0
    same_evening = make_interview(
        campaign=campaign, interviewers=[make_interviewer()], starts_at=evening - 5 * HOUR
    )
    load = {one["id"]: one["load"] for one in suggest_interviewers(same_evening)}
    assert load[zhao.pk] == 1
