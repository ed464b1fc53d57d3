"""Bulk plans in the API: propose, adjust and apply."""

from __future__ import annotations

from typing import Any

import pytest

from interview.models import BulkLine, BulkPlan, Interview
from realtime.models import TaskRun
from tests.factories import make_application, make_campaign, make_job, make_room
from tests.support.clients.api import api_of, refused, state_of

pytestmark = pytest.mark.django_db
WATCHED = (BulkPlan, BulkLine, Interview, TaskRun)


@pytest.fixture
def settings_of_plan(campaign, wu, zhao) -> dict[str, Any]:
    job = make_job(campaign=campaign)
    return {
        "campaign": campaign.slug,
        "applications": [make_application(job=job).pk for _ in range(3)],
        "round": 1,
        "rooms": [make_room(campaign=campaign).pk],
        "interviewers": [wu.pk, zhao.pk],
        "days": ["2030-03-04"],
    }


@pytest.fixture
def plan(lin, settings_of_plan) -> dict[str, Any]:
    response = api_of(lin).post("bulk-plans/", settings_of_plan)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_plan_is_proposed_adjusted_and_applied_once(lin, plan, wu):
    api, address = api_of(lin), f"bulk-plans/{plan['id']}/"
    first = plan["lines"][0]
    assert (first["starts_at"], first["warnings"]) == ("2030-03-04T09:00:00+08:00", []) or first[
        "starts_at"
    ].startswith("2030-03-04T01:00:00")
    assert not Interview.objects.exists()
    response = api.patch(
        f"{address}lines/{first['id']}/", {"version": 1, "starts_at": "2030-03-04T17:00"}
    )
    line = response.json()["lines"][0]
    assert (line["is_locked"], response.json()["version"]) == (True, 2)
    assert BulkLine.objects.get(pk=first["id"]).starts_at.isoformat() == "2030-03-04T09:00:00+00:00"
    again = api.post(f"{address}propose/", {"version": 2})
    assert again.json()["lines"][0]["starts_at"] == line["starts_at"]
    accepted = [api.post(f"{address}apply/", {"version": 3}) for _click in range(2)]
    assert [one.status_code for one in accepted] == [202, 202]
    assert len({one.json()["task"] for one in accepted}) == 1
    assert api.get(f"tasks/{accepted[0].json()['task']}/").json()["total"] == 3
    assert api.get(address).json()["is_busy"]


def test_a_stale_version_is_refused_with_the_current_plan(lin, plan):
    api = api_of(lin)
    response = api.post(f"bulk-plans/{plan['id']}/propose/", {"version": 7})
    assert refused(response, 409).keys() == {"version"}
    assert response.json()["current"]["version"] == 1


INVALID_SETTINGS = [
    ({"applications": []}, "applications"),
    ({"applications": [10**9]}, "applications"),
    ({"rooms": ["x"]}, "rooms"),
    ({"interviewers": [10**9]}, "interviewers"),
    ({"days": ["someday"]}, "days"),
    ({"days": []}, "days"),
    ({"round": 9}, "round"),
    ({"buffer_minutes": 0}, "buffer_minutes"),
    ({"campaign": "elsewhere"}, "campaign"),
]


def test_an_invalid_setting_is_refused_at_its_field(subtests, lin, settings_of_plan):
    api = api_of(lin)
    make_campaign(slug="elsewhere")
    before = state_of(*WATCHED)
    for changed, field in INVALID_SETTINGS:
        with subtests.test(changed=changed, field=field):
            assert refused(api.post("bulk-plans/", settings_of_plan | changed)).keys() == {field}
            assert state_of(*WATCHED) == before


def test_rooms_and_applications_of_other_campaigns_are_refused(lin, settings_of_plan):
    for name, foreign in (("rooms", make_room()), ("applications", make_application())):
        response = api_of(lin).post("bulk-plans/", settings_of_plan | {name: [foreign.pk]})
        assert refused(response).keys() == {name}


@pytest.mark.parametrize("name", ["wu", "chen", "sun", None])
def test_only_coordinators_can_use_plans(request, plan, settings_of_plan, name):
    api = api_of(request.getfixturevalue(name) if name else None)
    before, address = state_of(*WATCHED), f"bulk-plans/{plan['id']}/"
    answers = [
        api.post("bulk-plans/", settings_of_plan),
        api.get(address),
        api.post(f"{address}apply/", {"version": 1}),
        api.patch(f"{address}lines/{plan['lines'][0]['id']}/", {"version": 1, "is_locked": True}),
    ]
    assert {one.status_code for one in answers} == {403 if name else 401}
    assert state_of(*WATCHED) == before


def test_a_plan_is_not_found_by_coordinators_of_other_campaigns(plan, zhao):
    make_campaign().members.create(user=zhao, role="coordinator")
    assert api_of(zhao).get(f"bulk-plans/{plan['id']}/").status_code == 404
    assert api_of(zhao).post(f"bulk-plans/{plan['id']}/apply/", {"version": 1}).status_code == 404
