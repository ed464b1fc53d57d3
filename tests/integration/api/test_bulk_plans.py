"""Plans of many interviews over the API."""

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
def frame(campaign, wu, zhao) -> dict[str, Any]:
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
def plan(lin, frame) -> dict[str, Any]:
    answer = api_of(lin).post("bulk-plans/", frame)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_proposal_is_made_read_adjusted_and_applied(lin, plan, wu):
    api, address = api_of(lin), f"bulk-plans/{plan['id']}/"
    first = plan["lines"][0]
    assert (first["starts_at"], first["warnings"]) == ("2030-03-04T09:00:00+08:00", []) or first[
        "starts_at"
    ].startswith("2030-03-04T01:00:00")
    assert not Interview.objects.exists()
    answer = api.patch(
        f"{address}lines/{first['id']}/", {"version": 1, "starts_at": "2030-03-04T17:00"}
    )
    line = answer.json()["lines"][0]
    assert (line["is_locked"], answer.json()["version"]) == (True, 2)
    assert BulkLine.objects.get(pk=first["id"]).starts_at.isoformat() == "2030-03-04T09:00:00+00:00"
    again = api.post(f"{address}propose/", {"version": 2})
    assert again.json()["lines"][0]["starts_at"] == line["starts_at"]
    accepted = [api.post(f"{address}apply/", {"version": 3}) for _click in range(2)]
    assert [one.status_code for one in accepted] == [202, 202]
    assert len({one.json()["task"] for one in accepted}) == 1
    assert api.get(f"tasks/{accepted[0].json()['task']}/").json()["total"] == 3
    assert api.get(address).json()["is_busy"]


def test_a_stale_version_answers_the_plan_as_it_stands(lin, plan):
    api = api_of(lin)
    answer = api.post(f"bulk-plans/{plan['id']}/propose/", {"version": 7})
    assert refused(answer, 409).keys() == {"version"}
    assert answer.json()["current"]["version"] == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"applications": []}, "applications"),
        ({"applications": [10**9]}, "applications"),
        ({"rooms": ["x"]}, "rooms"),
        ({"interviewers": [10**9]}, "interviewers"),
        ({"days": ["someday"]}, "days"),
        ({"days": []}, "days"),
        ({"round": 9}, "round"),
        ({"buffer_minutes": 0}, "buffer_minutes"),
        ({"campaign": "elsewhere"}, "campaign"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(lin, frame, changed, field):
    make_campaign(slug="elsewhere")
    before = state_of(*WATCHED)
    assert refused(api_of(lin).post("bulk-plans/", frame | changed)).keys() == {field}
    assert state_of(*WATCHED) == before


def test_others_rooms_and_applications_do_not_exist(lin, frame):
    for name, thing in (("rooms", make_room()), ("applications", make_application())):
        answer = api_of(lin).post("bulk-plans/", frame | {name: [thing.pk]})
        assert refused(answer).keys() == {name}


@pytest.mark.parametrize("name", ["wu", "chen", "sun", None])
def test_plans_are_for_coordinators_of_the_campaign(request, plan, frame, name):
    api = api_of(request.getfixturevalue(name) if name else None)
    before, address = state_of(*WATCHED), f"bulk-plans/{plan['id']}/"
    answers = [
        api.post("bulk-plans/", frame),
        api.get(address),
        api.post(f"{address}apply/", {"version": 1}),
        api.patch(f"{address}lines/{plan['lines'][0]['id']}/", {"version": 1, "is_locked": True}),
    ]
    assert {one.status_code for one in answers} == {403 if name else 401}
    assert state_of(*WATCHED) == before


def test_another_campaigns_coordinator_knows_nothing_of_it(plan, zhao):
    make_campaign().members.create(user=zhao, role="coordinator")
    assert api_of(zhao).get(f"bulk-plans/{plan['id']}/").status_code == 404
    assert api_of(zhao).post(f"bulk-plans/{plan['id']}/apply/", {"version": 1}).status_code == 404
