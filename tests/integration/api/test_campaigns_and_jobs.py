"""Campaigns and jobs in the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign, CampaignMember, Job
from tests.factories import make_campaign, make_job, make_member
from tests.support.clients.api import api_of, queries_of, refused, state_of

WATCHED = (Campaign, CampaignMember, Job)


def test_a_coordinator_reads_only_their_own_campaigns(lin: User, campaign: Campaign) -> None:
    other = make_campaign(slug="other")
    api = api_of(lin)
    [found] = api.get("campaigns/").json()["results"]
    assert found == api.get("campaigns/autumn/").json()
    assert (found["id"], found["slug"], found["name"]) == (campaign.pk, "autumn", campaign.name)
    refused(api.get(f"campaigns/{other.slug}/"), 404)


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_can_read_and_change_campaigns_and_jobs(
    person: str, request: pytest.FixtureRequest, campaign: Campaign
) -> None:
    job = make_job(campaign=campaign)
    before = state_of(*WATCHED)
    api = api_of(request.getfixturevalue(person))
    assert api.get("campaigns/").json()["count"] == 0
    assert api.get("jobs/").json()["count"] == 0
    refused(api.get("campaigns/autumn/"), 404)
    refused(api.get(f"jobs/{job.pk}/"), 404)
    refused(api.patch("campaigns/autumn/", {"name": "Mine"}), 403)
    refused(api.patch(f"jobs/{job.pk}/", {"title": "Mine"}), 403)
    refused(api.post("jobs/", {"campaign": "autumn", "title": "Mine"}), 403)
    assert state_of(*WATCHED) == before


def test_a_coordinator_changes_their_campaign(lin: User, campaign: Campaign) -> None:
    response = api_of(lin).patch("campaigns/autumn/", {"city": "上海", "time_zone": "Asia/Urumqi"})
    assert response.status_code == 200, response.content
    campaign.refresh_from_db()
    assert (campaign.city, campaign.time_zone) == ("上海", "Asia/Urumqi")
    assert campaign.name == "2026 秋季校招"


INVALID_CAMPAIGNS = [
    ("slug", "elsewhere"), ("name", ""), ("name", None), ("name", "x" * 121),
    ("time_zone", "Mars/Olympus"), ("time_zone", "../etc/passwd"), ("starts_on", "soon"),
    ("ends_on", "2026-09-01"), ("is_open", "perhaps"),
]  # fmt: skip


def test_an_invalid_change_of_a_campaign_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    Campaign.objects.update(starts_on="2026-10-01", ends_on="2026-10-31")
    before = state_of(*WATCHED)
    for field, value in INVALID_CAMPAIGNS:
        with subtests.test(field=field, value=value):
            response = api.patch("campaigns/autumn/", {"city": "上海", field: value})
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


def test_the_user_who_creates_a_campaign_becomes_its_coordinator(admin: User) -> None:
    response = api_of(admin).post("campaigns/", {"slug": "spring", "name": "Spring"})
    assert response.status_code == 201, response.content
    assert CampaignMember.objects.get().user == admin
    again = api_of(admin).post("campaigns/", {"slug": "spring", "name": "Spring"})
    assert refused(again).keys() == {"slug"}


def test_creating_a_campaign_requires_the_permission(lin: User) -> None:
    refused(api_of(lin).post("campaigns/", {"slug": "spring", "name": "Spring"}), 403)
    assert Campaign.objects.count() == 1


def test_a_coordinator_adds_and_publishes_a_job(lin: User, campaign: Campaign) -> None:
    api = api_of(lin)
    response = api.post("jobs/", {"campaign": "autumn", "title": "Engineer", "headcount": 3})
    assert response.status_code == 201, response.content
    job = Job.objects.get()
    assert (job.campaign, job.headcount, job.is_published) == (campaign, 3, False)
    assert api.patch(f"jobs/{job.pk}/", {"is_published": True}).json()["is_published"]
    assert Job.objects.get().title == "Engineer"


INVALID_JOBS = [
    ("campaign", "nowhere"), ("campaign", 1), ("campaign", None), ("campaign", ["autumn"]),
    ("title", ""), ("title", "x" * 121), ("title", ["a"]), ("headcount", -1),
    ("headcount", "many"), ("headcount", 10**9), ("kind", "hobby"),
]  # fmt: skip


def test_an_invalid_job_is_refused_at_its_field(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    before = state_of(*WATCHED)
    for field, value in INVALID_JOBS:
        with subtests.test(field=field, value=value):
            entries = {"campaign": "autumn", "title": "Engineer", field: value}
            assert refused(api.post("jobs/", entries)).keys() == {field}
            assert state_of(*WATCHED) == before


def test_a_job_is_created_only_in_ones_own_campaign_and_stays_there(
    lin: User, campaign: Campaign
) -> None:
    other = make_campaign()
    api = api_of(lin)
    foreign = {"campaign": other.slug, "title": "Engineer"}
    assert refused(api.post("jobs/", foreign)).keys() == {"campaign"}
    make_member(other, lin)
    job = make_job(campaign=campaign)
    response = api.patch(f"jobs/{job.pk}/", {"campaign": other.slug})
    assert refused(response).keys() == {"campaign"}
    assert Job.objects.get().campaign == campaign


def test_jobs_can_be_filtered(lin: User, campaign: Campaign) -> None:
    published = make_job(campaign=campaign)
    draft = make_job(campaign=campaign, is_published=False, kind="internship")
    api = api_of(lin)

    def ids(**query: Any) -> set[int]:
        return {row["id"] for row in api.get("jobs/", **query).json()["results"]}

    assert ids(campaign="autumn") == {published.pk, draft.pk}
    assert ids(campaign="nowhere") == set()
    assert ids(is_published="true") == {published.pk}
    assert ids(kind="internship") == {draft.pk}
    assert refused(api.get("jobs/", kind="hobby")).keys() == {"kind"}


def test_lists_of_jobs_and_campaigns_need_the_same_queries_at_any_length(
    lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    for _ in range(3):
        make_job(campaign=campaign)
        make_member(make_campaign(), lin)
    few = [queries_of(api, address) for address in ("jobs/", "campaigns/")]
    for _ in range(3):
        make_job(campaign=campaign)
        make_member(make_campaign(), lin)
    assert [queries_of(api, address) for address in ("jobs/", "campaigns/")] == few


@pytest.mark.parametrize("address", ["campaigns/autumn/", "jobs/{job}/"])
def test_campaigns_and_jobs_can_neither_be_replaced_nor_deleted(
    address: str, lin: User, campaign: Campaign
) -> None:
    address = address.format(job=make_job(campaign=campaign).pk)
    for method in ("PUT", "DELETE", "POST"):
        refused(api_of(lin).ask(method, address), 405)
    refused(api_of(None).ask("PATCH", address), 401)
    assert Campaign.objects.count() == Job.objects.count() == 1
