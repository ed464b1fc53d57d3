"""The admin of every model: each page opens for each role, and a list answers no question about
what it does not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interview import services
from interview.models import ReminderSettings, Robot
from jobs.models import AnonymisationList, Campaign, Candidate, PersonalSettings
from monitoring.admin_base import BaseAdmin
from realtime.background import task_runs
from realtime.models import Heartbeat, ScheduledRun
from tests.factories import make_interview, make_scorecard
from tests.people import signed_in
from tests.support.product.pages import ExampleObjects

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

ROLES = ("lin", "wu", "chen", "admin")
REGISTRY = {model._meta.label: one for model, one in site._registry.items()}
# Each would tell a value letter by letter.
SPELLING = ("startswith", "contains", "icontains", "iexact", "regex", "endswith", "range")
VALUE = ("exact", "in", "isnull", "gt", "gte", "lt", "lte")


@pytest.fixture
def rows(example_objects: ExampleObjects, campaign: Campaign, lin: User, wu: User) -> None:
    """At least one row of every model that has admin pages."""
    completed = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    make_scorecard(interview=completed, interviewer=wu)
    services.scorecard_amend(
        interview_id=completed.pk, interviewer=wu, reason="A slip", strengths="Calm"
    )
    now = timezone.now()
    Robot.objects.create(name="everywhere")
    ReminderSettings.objects.create(campaign=campaign)
    PersonalSettings.objects.update_or_create(user=lin, defaults={"language": "en"})
    AnonymisationList.objects.create(at=now, cutoff=now - timedelta(days=700), candidates=[1])
    task_runs.task_run_create(name="import", title="candidates.csv", owner=lin)
    ScheduledRun.objects.create(entry="remind", task="remind", scheduled_for=now)
    Heartbeat.objects.create(process="relay", name="host:1", since=now, seen_at=now)


def test_a_search_is_made_for_the_count_and_for_the_page_only(rows: None, admin: User) -> None:
    """The date hierarchy, which a list without a search has, would make it three times more."""
    client, address = signed_in(Client(), admin), reverse("admin:interview_interview_changelist")
    assert "toplinks" in client.get(address).content.decode(), "the premise"
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address, {"q": "李"}).content.decode()
    assert Candidate.objects.all()[0].name in page
    assert "toplinks" not in page
    period = client.get(address, {"q": "李", "starts_at__year": "2026"}).content.decode()
    assert "toplinks" in period, "a period that filters is shown"
    searching = [one["sql"] for one in captured.captured_queries if "李" in one["sql"]]
    assert len(searching) <= 2, searching


@pytest.fixture
def person(role: str, request: pytest.FixtureRequest) -> User:
    found: User = request.getfixturevalue(role)
    return found


def address(model: type[Model], kind: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=arguments)


def pages_of(model: type[Model]) -> Iterator[str]:
    """Yields the list, the form of a new row, and those of one row: change, history, deletion."""
    yield address(model, "changelist")
    yield address(model, "add")
    one = model._default_manager.first()
    assert one, f"the premise: {model} has a row"
    yield from (address(model, kind, one.pk) for kind in ("change", "history", "delete"))


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_every_model_opens_or_is_refused(
    client: Client, rows: None, role: str, person: User
) -> None:
    signed_in(client, person)
    statuses = {
        page: client.get(page).status_code for model in site._registry for page in pages_of(model)
    }
    assert {page for page, status in statuses.items() if status not in {200, 302, 403}} == set()
    if role == "admin":
        forms = [page for page in statuses if page.endswith(("/change/", "/history/"))]
        assert {statuses[page] for page in forms} == {200}


def offered(page: Any, request: Any) -> set[str]:
    """Returns the fields that a list shows a filter, a date hierarchy or a link for.

    A filter of our own has a parameter, which may be named like a field and reads no field.
    """
    filters = [one for one in page.get_list_filter(request) if not isinstance(one, type)]
    named = {one if isinstance(one, str) else one[0] for one in filters}
    return named | {page.opts.pk.name, page.date_hierarchy}


def own_parameters(page: Any, request: Any) -> set[str]:
    return {one.parameter_name for one in page.get_list_filter(request) if isinstance(one, type)}


def paths_of(model: type[Model]) -> Iterator[str]:
    """Yields every field of a model, and those of the rows that it refers to."""
    for field in model._meta.get_fields():
        yield field.name
        if field.is_relation and field.related_model:
            yield from (f"{field.name}__{one.name}" for one in field.related_model._meta.fields)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", REGISTRY)
def test_a_list_is_filtered_only_by_what_it_offers(
    label: str, role: str, person: User, rf: RequestFactory
) -> None:
    page = REGISTRY[label]
    assert isinstance(page, BaseAdmin)
    request = rf.get("/")
    request.user = person
    keys = {
        f"{name}__{page.opts.get_field(name).related_model._meta.pk.name}"
        for name in offered(page, request) - {None}
        if page.opts.get_field(name).is_relation
    }
    for path in paths_of(page.model):
        spelled = [kind for kind in SPELLING if allows(page, f"{path}__{kind}", request)]
        assert spelled == [], path
        if path not in offered(page, request) | keys:
            asked = [path, *(f"{path}__{kind}" for kind in VALUE)]
            assert {one for one in asked if allows(page, one, request)} <= own_parameters(
                page, request
            )


def allows(page: Any, lookup: str, request: Any) -> bool:
    return bool(page.lookup_allowed(lookup, "x", request))


@pytest.mark.parametrize(
    ("role", "model", "question"),
    [
        ("wu", "interview.Scorecard", "recommendation__exact=yes"),
        ("lin", "interview.Scorecard", "strengths__startswith=C"),
        ("wu", "jobs.Candidate", "mobile__startswith=%2B86"),
        ("wu", "jobs.Candidate", "email__contains=example"),
        ("lin", "jobs.Application", "candidate__mobile__startswith=%2B86"),
        ("admin", "auth.User", "password__startswith=pbkdf2"),
    ],
)
def test_a_question_about_a_hidden_field_is_refused(
    client: Client, rows: None, role: str, person: User, model: str, question: str
) -> None:
    signed_in(client, person)
    list_of = address(REGISTRY[model].model, "changelist")
    assert client.get(list_of).status_code == 200, "the premise: they see the list"
    assert client.get(f"{list_of}?{question}").status_code == 400


def test_every_filter_that_a_list_shows_can_be_used(
    client: Client, rows: None, admin: User, rf: RequestFactory
) -> None:
    signed_in(client, admin)
    used = 0
    for page in REGISTRY.values():
        list_of = address(page.model, "changelist")
        shown = client.get(list_of).context["cl"]
        for one in shown.filter_specs:
            for choice in list(one.choices(shown))[:2]:
                used += 1
                response = client.get(list_of + choice["query_string"])
                assert response.status_code == 200, (list_of, choice)
        if page.date_hierarchy:
            month = f"?{page.date_hierarchy}__year=2026&{page.date_hierarchy}__month=11"
            assert client.get(list_of + month).status_code == 200, list_of
    assert used > 40
