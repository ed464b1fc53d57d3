"""Applications in the API: create, change the stage, filter."""

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User

from jobs.models import Application, ApplicationEvent, Campaign
from tests.factories import make_application, make_campaign, make_candidate, make_job
from tests.support.clients.api import api_of, queries_of, refused, state_of

WATCHED = (Application, ApplicationEvent, Campaign.candidates.through)


def test_a_coordinator_creates_an_application_for_a_candidate(
    lin: User, campaign: Campaign
) -> None:
    candidate, job = make_candidate(), make_job(campaign=campaign)
    response = api_of(lin).post("applications/", {"candidate": candidate.pk, "job": job.pk})
    assert response.status_code == 201, response.content
    shown = response.json()
    assert (shown["candidate"], shown["job"], shown["campaign"]) == (candidate.pk, job.pk, "autumn")
    assert (shown["stage"], shown["version"]) == ("applied", 1)
    assert [(one["by"], one["to_stage"]) for one in shown["events"]] == [("林岚", "applied")]
    assert candidate.campaigns.get() == campaign


def test_a_second_application_for_the_same_job_is_refused(lin: User, campaign: Campaign) -> None:
    application = make_application(campaign=campaign)
    before = state_of(*WATCHED)
    entries = {"candidate": application.candidate_id, "job": application.job_id}
    assert refused(api_of(lin).post("applications/", entries)).keys() == {"candidate"}
    assert state_of(*WATCHED) == before


INVALID_IDS = [10**30, 999_999, 0, None, "", "first", True, [1], {}, 1.5]


def test_an_invalid_value_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    entries = {"candidate": make_candidate().pk, "job": make_job(campaign=campaign).pk}
    before = state_of(*WATCHED)
    for field, value in product(entries, INVALID_IDS):
        with subtests.test(field=field, value=value):
            response = api.post("applications/", entries | {field: value})
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


def test_candidates_and_jobs_of_other_campaigns_are_refused(lin: User) -> None:
    other = make_campaign()
    entries = {
        "candidate": make_candidate(campaign=other).pk,
        "job": make_job(campaign=other).pk,
    }
    assert refused(api_of(lin).post("applications/", entries)).keys() == {"candidate", "job"}
    assert not Application.objects.exists()


def test_a_stage_change_is_recorded_in_the_history(lin: User, campaign: Campaign) -> None:
    application = make_application(campaign=campaign)
    api = api_of(lin)
    entries = {"stage": "screening", "version": 1, "reason": "Good test"}
    response = api.post(f"applications/{application.pk}/move/", entries)
    assert response.status_code == 200, response.content
    assert (response.json()["stage"], response.json()["version"]) == ("screening", 2)
    step = api.get(f"applications/{application.pk}/").json()["events"][-1]
    assert (step["from_stage"], step["to_stage"]) == ("applied", "screening")
    assert (step["by"], step["reason"]) == ("林岚", "Good test")


def test_a_stale_stage_change_is_refused_with_the_current_application(
    lin: User, campaign: Campaign
) -> None:
    application = make_application(campaign=campaign)
    api = api_of(lin)
    api.post(f"applications/{application.pk}/move/", {"stage": "screening", "version": 1})
    before = state_of(*WATCHED)
    response = api.post(f"applications/{application.pk}/move/", {"stage": "offer", "version": 1})
    assert refused(response, 409).keys() == {"version"}
    [listed] = api.get("applications/").json()["results"]
    assert response.json()["current"] == listed
    assert (listed["stage"], listed["version"]) == ("screening", 2)
    assert state_of(*WATCHED) == before


INVALID_STAGE_CHANGES = [
    ({"stage": "offer"}, "version"),
    ({"version": 1}, "stage"),
    ({"stage": "promoted", "version": 1}, "stage"),
    ({"stage": "applied", "version": 1}, "stage"),
    ({"stage": ["offer"], "version": 1}, "stage"),
    ({"stage": "offer", "version": "new"}, "version"),
    ({"stage": "offer", "version": 1, "reason": "x" * 301}, "reason"),
]


def test_an_invalid_stage_change_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    application = make_application(campaign=campaign)
    before = state_of(*WATCHED)
    for entries, field in INVALID_STAGE_CHANGES:
        with subtests.test(entries=entries, field=field):
            response = api.post(f"applications/{application.pk}/move/", entries)
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


@pytest.mark.parametrize(("person", "status"), [("wu", 403), ("chen", 403), ("sun", 403)])
def test_only_coordinators_can_read_and_change_applications(
    person: str, status: int, request: pytest.FixtureRequest, campaign: Campaign
) -> None:
    application = make_application(campaign=campaign)
    before = state_of(*WATCHED)
    api = api_of(request.getfixturevalue(person))
    assert api.get("applications/").json()["count"] == 0
    refused(api.get(f"applications/{application.pk}/"), 404)
    entries = {"candidate": make_candidate().pk, "job": application.job_id}
    refused(api.post("applications/", entries), status)
    move = {"stage": "offer", "version": 1}
    refused(api.post(f"applications/{application.pk}/move/", move), status)
    assert state_of(*WATCHED) == before


def test_applications_of_other_campaigns_are_not_found(lin: User) -> None:
    application = make_application()
    before = state_of(*WATCHED)
    move = {"stage": "offer", "version": 1}
    refused(api_of(lin).post(f"applications/{application.pk}/move/", move), 404)
    refused(api_of(None).post(f"applications/{application.pk}/move/", move), 401)
    refused(api_of(lin).get(f"applications/{application.pk}/move/"), 405)
    assert state_of(*WATCHED) == before


def test_applications_can_be_filtered(lin: User, campaign: Campaign) -> None:
    one, two = make_application(campaign=campaign), make_application(campaign=campaign)
    api = api_of(lin)
    api.post(f"applications/{two.pk}/move/", {"stage": "offer", "version": 1})

    def ids(**query: Any) -> set[int]:
        return {row["id"] for row in api.get("applications/", **query).json()["results"]}

    assert ids(campaign="autumn") == {one.pk, two.pk}
    assert ids(campaign="nowhere") == set()
    assert ids(stage="offer") == {two.pk}
    assert ids(job=one.job_id) == {one.pk}
    assert ids(candidate=two.candidate_id) == {two.pk}
    assert refused(api.get("applications/", stage="promoted")).keys() == {"stage"}


def test_a_page_of_applications_needs_the_same_queries_at_any_length(
    lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    for _ in range(3):
        make_application(campaign=campaign)
    few = queries_of(api, "applications/")
    for _ in range(3):
        make_application(campaign=campaign)
    assert queries_of(api, "applications/") == few
