"""Scorecards in the API: write one's own, and read the others only after submitting it."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from interview.models import Interview, Scorecard, ScorecardScore
from jobs.models import Campaign
from realtime.models import Change
from tests.factories import make_interview, make_scorecard
from tests.support.clients.api import api_of, refused, state_of

WATCHED = (Interview, Scorecard, ScorecardScore, Change)
FULL = {
    "scores": {"learning": 4, "professional": 5},
    "recommendation": "strong_yes",
    "strengths": "Explains well.",
    "concerns": "",
}


@pytest.fixture
def interview(campaign: Campaign, wu: User, zhao: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")


@pytest.fixture
def address(interview: Interview) -> str:
    return f"interviews/{interview.pk}/scorecards/"


def authors(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [card["interviewer_name"] for card in response.json()["results"]]


def test_a_draft_is_stored_and_replaced_by_the_next_one(wu: User, address: str) -> None:
    api = api_of(wu)
    draft = {"scores": {"learning": 3}, "strengths": "Quick."}
    response = api.post(address, draft)
    assert response.status_code == 200, response.content
    assert response.json()["state"] == "draft"
    assert response.json()["scores"] == {"learning": 3}
    response = api.post(address, {"scores": {"professional": 2}})
    assert (response.json()["scores"], response.json()["strengths"]) == ({"professional": 2}, "")
    assert authors(api.get(address)) == ["吴磊"]


def test_the_last_submitted_scorecard_completes_the_interview(
    wu: User, zhao: User, interview: Interview, address: str
) -> None:
    response = api_of(wu).post(f"{address}submit/", FULL)
    assert response.status_code == 200, response.content
    assert response.json()["state"] == "submitted"
    assert Interview.objects.get().status == "feedback_due"
    assert api_of(zhao).post(f"{address}submit/", FULL).status_code == 200
    assert Interview.objects.get().status == "completed"


def test_interviewers_read_others_scorecards_only_after_submitting_theirs(
    wu: User, zhao: User, lin: User, interview: Interview, address: str
) -> None:
    make_scorecard(interview=interview, interviewer=zhao, strengths="A secret so far.")
    assert authors(api_of(lin).get(address)) == ["赵敏"]

    assert authors(api_of(wu).get(address)) == []
    api_of(wu).post(address, FULL)
    response = api_of(wu).get(address)
    assert authors(response) == ["吴磊"]
    assert b"A secret so far." not in response.content

    api_of(wu).post(f"{address}submit/", FULL)
    assert sorted(authors(api_of(wu).get(address))) == ["吴磊", "赵敏"]


def test_a_draft_is_visible_only_to_its_author(
    lin: User, wu: User, zhao: User, address: str
) -> None:
    api_of(zhao).post(f"{address}submit/", FULL)
    api_of(wu).post(address, FULL)
    assert authors(api_of(lin).get(address)) == ["赵敏"]
    assert authors(api_of(zhao).get(address)) == ["赵敏"]


def test_only_assigned_interviewers_can_write_a_scorecard(
    lin: User, sun: User, address: str
) -> None:
    before = state_of(*WATCHED)
    for action in ("", "submit/"):
        refused(api_of(lin).post(address + action, FULL), 403)
        refused(api_of(sun).post(address + action, FULL), 404)
        refused(api_of(None).post(address + action, FULL), 401)
    refused(api_of(sun).get(address), 404)
    refused(api_of(None).get(address), 401)
    assert state_of(*WATCHED) == before


METHODS = ["PUT", "PATCH", "DELETE"]


def test_a_scorecard_can_neither_be_replaced_nor_deleted(
    subtests: pytest.Subtests, wu: User, address: str
) -> None:
    api = api_of(wu)
    for method in METHODS:
        with subtests.test(method=method):
            refused(api.ask(method, address), 405)
            refused(api.ask(method, f"{address}submit/"), 405)


INVALID_DRAFTS = [
    ({"scores": {"learning": 6}}, "scores"), ({"scores": {"learning": 0}}, "scores"),
    ({"scores": {"learning": "good"}}, "scores"), ({"scores": {"height": 3}}, "scores"),
    ({"scores": [4, 5]}, "scores"), ({"scores": None}, "scores"),
    ({"recommendation": "perhaps"}, "recommendation"),
    ({"strengths": 10_001 * "x"}, "strengths"),
    ({"concerns": None}, "concerns"), ({"concerns": ["a"]}, "concerns"),
]  # fmt: skip


def test_an_invalid_draft_is_refused_at_its_field(
    subtests: pytest.Subtests, wu: User, address: str
) -> None:
    api = api_of(wu)
    before = state_of(*WATCHED)
    for entries, field in INVALID_DRAFTS:
        with subtests.test(entries=entries, field=field):
            assert refused(api.post(address, FULL | entries)).keys() == {field}
            assert state_of(*WATCHED) == before


INCOMPLETE = [
    ({"scores": {"learning": 4}}, "scores.professional"),
    ({"recommendation": ""}, "recommendation"),
]


def test_an_incomplete_scorecard_cannot_be_submitted(
    subtests: pytest.Subtests, wu: User, address: str
) -> None:
    api = api_of(wu)
    before = state_of(*WATCHED)
    for missing, field in INCOMPLETE:
        with subtests.test(missing=missing, field=field):
            assert refused(api.post(f"{address}submit/", FULL | missing)).keys() == {field}
            assert state_of(*WATCHED) == before


def test_a_submitted_scorecard_cannot_be_changed_to_a_draft(wu: User, address: str) -> None:
    api = api_of(wu)
    api.post(f"{address}submit/", FULL)
    before = state_of(*WATCHED)
    assert refused(api.post(address, FULL)).keys() == {"state"}
    assert state_of(*WATCHED) == before


def test_a_scorecard_cannot_be_written_before_the_candidate_arrives(
    wu: User, campaign: Campaign
) -> None:
    early = make_interview(campaign=campaign, interviewers=[wu])
    response = api_of(wu).post(f"interviews/{early.pk}/scorecards/", FULL)
    assert refused(response).keys() == {"status"}
    assert not Scorecard.objects.exists()
