"""Candidates in the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign, Candidate
from tests.factories import make_application, make_campaign, make_candidate, make_member
from tests.support.clients.api import api_of, queries_of, refused, state_of


def names(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {row["name"] for row in response.json()["results"]}


def test_a_coordinator_sees_candidates_of_their_campaigns_and_of_none(
    lin: User, campaign: Campaign
) -> None:
    make_candidate(name="李娜", campaign=campaign)
    make_candidate(name="周杰")
    foreign = make_candidate(name="吴京", campaign=make_campaign())
    assert names(api_of(lin).get("candidates/")) == {"李娜", "周杰"}
    refused(api_of(lin).get(f"candidates/{foreign.pk}/"), 404)
    refused(api_of(lin).patch(f"candidates/{foreign.pk}/", {"city": "上海"}), 404)


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_can_read_and_change_candidates(
    person: str, request: pytest.FixtureRequest, lin: User
) -> None:
    candidate = make_candidate(mobile="+8613800002222")
    before = state_of(Candidate)
    api = api_of(request.getfixturevalue(person))
    refused(api.get("candidates/"), 403)
    refused(api.get("candidates/", search="2222"), 403)
    refused(api.get(f"candidates/{candidate.pk}/"), 403)
    refused(api.post("candidates/", {"name": "李娜"}), 403)
    refused(api.patch(f"candidates/{candidate.pk}/", {"name": "李娜"}), 403)
    refused(api_of(None).get(f"candidates/{candidate.pk}/"), 401)
    assert state_of(Candidate) == before


SEARCHES = ["李小", "lixiao", "li xiao", "lxl", "2222", "LIXIAOLONG"]


def test_a_candidate_is_found_by_name_pinyin_initials_and_last_digits(
    subtests: pytest.Subtests, lin: User
) -> None:
    api = api_of(lin)
    make_candidate(name="李小龙", mobile="+8613800002222")
    make_candidate(name="王思远", mobile="+8613800003333")
    for text in SEARCHES:
        with subtests.test(text=text):
            assert names(api.get("candidates/", search=text)) == {"李小龙"}


SPECIAL_CHARACTERS = ["%", "_", "'; drop table", "\\", "龙" * 99]


def test_special_characters_in_a_search_are_taken_literally(
    subtests: pytest.Subtests, lin: User
) -> None:
    api = api_of(lin)
    make_candidate(name="李小龙")
    for text in SPECIAL_CHARACTERS:
        with subtests.test(text=text):
            assert names(api.get("candidates/", search=text)) == set()


def test_a_search_of_more_than_100_characters_is_refused(lin: User) -> None:
    assert refused(api_of(lin).get("candidates/", search="x" * 101)).keys() == {"search"}


def test_candidates_can_be_filtered_by_campaign(lin: User, campaign: Campaign) -> None:
    make_candidate(name="李娜", campaign=campaign)
    make_candidate(name="周杰")
    assert names(api_of(lin).get("candidates/", campaign="autumn")) == {"李娜"}
    assert names(api_of(lin).get("candidates/", campaign="nowhere")) == set()


def test_applications_in_other_campaigns_are_not_shown(lin: User, campaign: Campaign) -> None:
    candidate = make_candidate(campaign=campaign)
    own = make_application(candidate=candidate, campaign=campaign)
    foreign = make_application(candidate=candidate, campaign=make_campaign(slug="secret"))
    shown = api_of(lin).get(f"candidates/{candidate.pk}/").json()
    assert shown["campaigns"] == ["autumn"]
    assert [one["id"] for one in shown["applications"]] == [own.pk]
    make_member(foreign.job.campaign, lin)
    shown = api_of(lin).get(f"candidates/{candidate.pk}/").json()
    assert sorted(shown["campaigns"]) == ["autumn", "secret"]


def test_a_coordinator_creates_a_candidate_in_their_campaign(lin: User, campaign: Campaign) -> None:
    entries = {
        "name": "李娜",
        "mobile": "138-0000 2222",
        "email": "Li.Na@example.com",
        "general_score": 88,
        "campaign": "autumn",
    }
    response = api_of(lin).post("candidates/", entries)
    assert response.status_code == 201, response.content
    assert response.json()["campaigns"] == ["autumn"]
    candidate = Candidate.objects.get()
    assert (candidate.mobile, candidate.pinyin) == ("+8613800002222", "lina")


INVALID_VALUES = [
    ("name", ""), ("name", " "), ("name", None), ("name", "x" * 121), ("name", ["李娜"]),
    ("name", "\ud800"), ("mobile", "none"), ("mobile", "+8613800002222"), ("mobile", {}),
    ("email", "not an address"), ("email", "KNOWN@example.com"), ("general_score", 101),
    ("general_score", -1), ("written_score", "good"), ("written_score", 10**30),
    ("campaign", "nowhere"), ("campaign", 7), ("city", "x" * 61),
]  # fmt: skip


def test_an_invalid_value_is_refused_at_its_field(subtests: pytest.Subtests, lin: User) -> None:
    api = api_of(lin)
    make_candidate(mobile="+8613800002222", email="known@example.com")
    before = state_of(Candidate, Campaign.candidates.through)
    for field, value in INVALID_VALUES:
        with subtests.test(field=field, value=value):
            response = api.post("candidates/", {"name": "李娜", field: value})
            assert refused(response).keys() == {field}
            assert state_of(Candidate, Campaign.candidates.through) == before


def test_a_candidate_cannot_be_created_in_a_campaign_of_others(lin: User) -> None:
    make_campaign(slug="secret")
    response = api_of(lin).post("candidates/", {"name": "李娜", "campaign": "secret"})
    assert refused(response).keys() == {"campaign"}
    assert not Candidate.objects.exists()


def test_a_change_keeps_the_fields_that_it_does_not_contain(lin: User) -> None:
    candidate = make_candidate(name="李娜", city="北京", mobile="+8613800002222")
    response = api_of(lin).patch(f"candidates/{candidate.pk}/", {"school": "复旦大学"})
    assert response.status_code == 200, response.content
    candidate.refresh_from_db()
    assert (candidate.school, candidate.city) == ("复旦大学", "北京")
    assert candidate.mobile == "+8613800002222"


def test_an_invalid_change_of_a_candidate_changes_nothing(lin: User) -> None:
    make_candidate(mobile="+8613800002222")
    candidate = make_candidate()
    before = state_of(Candidate)
    response = api_of(lin).patch(
        f"candidates/{candidate.pk}/", {"city": "上海", "mobile": "13800002222"}
    )
    assert refused(response).keys() == {"mobile"}
    assert state_of(Candidate) == before
    refused(api_of(lin).ask("PUT", f"candidates/{candidate.pk}/"), 405)
    refused(api_of(lin).ask("DELETE", f"candidates/{candidate.pk}/"), 405)
    assert state_of(Candidate) == before


def test_a_page_of_candidates_needs_the_same_queries_at_any_length(
    lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    for _ in range(3):
        make_application(candidate=make_candidate(), campaign=campaign)
    few = queries_of(api, "candidates/")
    for _ in range(3):
        make_application(candidate=make_candidate(), campaign=campaign)
    assert queries_of(api, "candidates/") == few
