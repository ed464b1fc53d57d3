"""A submitted scorecard is amended only with a reason, and its earlier contents stay readable."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from interview.models import (
    Interview,
    NoticeSettings,
    Scorecard,
    ScorecardAmendment,
    ScorecardScore,
)
from jobs.models import Campaign
from jobs.privacy.anonymisation import candidates_anonymise
from tests.factories import make_interview, make_scorecard
from tests.support.clients.api import api_of, refused, state_of

WATCHED = (Interview, Scorecard, ScorecardScore, ScorecardAmendment)
REASON = "I mistook one candidate for the other"


@pytest.fixture
def interview(campaign: Campaign, wu: User, zhao: User) -> Interview:
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    return interview


@pytest.fixture
def address(interview: Interview) -> str:
    return f"interviews/{interview.pk}/scorecards/"


def amend(person: User, address: str, **entries: Any) -> Any:
    return api_of(person).post(f"{address}amend/", {"reason": REASON} | entries)


def card_of(response: Any, person: User) -> Any:
    return next(c for c in response.json()["results"] if c["interviewer"] == person.pk)


def test_an_amendment_changes_the_given_fields_and_keeps_the_earlier_values(
    wu: User, lin: User, address: str
) -> None:
    response = amend(wu, address, scores={"learning": 2}, recommendation="no")
    assert response.status_code == 200, response.content
    for card in (response.json(), card_of(api_of(lin).get(address), wu)):
        assert (card["state"], card["recommendation"]) == ("submitted", "no")
        assert (card["scores"]["learning"], card["scores"]["professional"]) == (2, 4)
        assert card["strengths"] == "Explains well."
        [amendment] = card["amendments"]
        assert (amendment["by"], amendment["reason"]) == ("吴磊", REASON)
        assert (amendment["recommendation"], amendment["scores"]["learning"]) == ("yes", 4)


def test_each_amendment_is_listed(wu: User, address: str) -> None:
    amend(wu, address, concerns="Late.")
    amend(wu, address, concerns="")
    amendments = card_of(api_of(wu).get(address), wu)["amendments"]
    assert [one["concerns"] for one in amendments] == ["Late.", ""]


INVALID_AMENDMENTS = [
    ({"reason": "", "concerns": "Late."}, "reason"),
    ({"reason": "  ", "concerns": "Late."}, "reason"),
    ({"reason": "x" * 301, "concerns": "Late."}, "reason"),
    ({}, "reason"),
    ({"recommendation": "yes", "scores": {"learning": 4}}, "reason"),
    ({"recommendation": ""}, "recommendation"),
    ({"recommendation": "perhaps"}, "recommendation"),
    ({"scores": {"learning": 6}}, "scores"),
    ({"scores": {"juggling": 3}}, "scores"),
]


def test_an_invalid_amendment_is_refused_and_changes_nothing(
    subtests: pytest.Subtests, wu: User, address: str
) -> None:
    before = state_of(*WATCHED)
    for entries, field in INVALID_AMENDMENTS:
        with subtests.test(entries=entries, field=field):
            assert refused(amend(wu, address, **entries)).keys() == {field}
            assert state_of(*WATCHED) == before


def test_only_its_author_can_amend_a_scorecard(
    wu: User, zhao: User, lin: User, sun: User, address: str
) -> None:
    before = state_of(*WATCHED)
    assert "state" in refused(amend(zhao, address, concerns="Late."))
    refused(amend(lin, address, concerns="Late."), 403)
    refused(amend(sun, address, concerns="Late."), 404)
    assert state_of(*WATCHED) == before


def test_an_interviewer_with_a_due_scorecard_sees_no_amendments_of_others(
    wu: User, zhao: User, interview: Interview, address: str
) -> None:
    amend(wu, address, recommendation="no")
    page = reverse("interview", args=[interview.pk])
    assert api_of(zhao).get(address).json()["count"] == 0
    assert REASON not in api_of(zhao).client.get(page).content.decode()
    make_scorecard(interview=interview, interviewer=zhao)
    assert card_of(api_of(zhao).get(address), wu)["amendments"]
    assert REASON in api_of(zhao).client.get(page).content.decode()


def test_a_draft_cannot_be_amended(wu: User, zhao: User, interview: Interview) -> None:
    make_scorecard(interview=interview, interviewer=zhao, is_final=False)
    assert "state" in refused(amend(zhao, f"interviews/{interview.pk}/scorecards/", concerns="L"))


def test_anonymising_a_candidate_removes_the_texts_of_amendments(
    wu: User, interview: Interview, address: str
) -> None:
    amend(wu, address, strengths="")
    candidates_anonymise(candidates=[interview.application.candidate_id], by=None)
    remaining = ScorecardAmendment.objects.get()
    assert (remaining.reason, remaining.strengths, remaining.recommendation) == ("", "", "yes")


def entries_of(interview: Interview, **changed: Any) -> dict[str, Any]:
    scores = {f"score_{c.pk}": "4" for c in interview.round.criteria.all()}
    fields = {"recommendation": "no", "strengths": "Explains well.", "concerns": ""}
    return scores | fields | {"reason": REASON} | changed


def test_the_page_requires_a_reason_and_the_interview_shows_the_amendment(
    wu: User, lin: User, interview: Interview
) -> None:
    client, page = api_of(wu).client, reverse("scorecard_amend", args=[interview.pk])
    assert page in client.get(reverse("scorecard", args=[interview.pk])).content.decode()
    assert "Explains well." in client.get(page).content.decode()
    assert client.post(page, entries_of(interview, reason="")).status_code == 400
    assert not ScorecardAmendment.objects.exists()
    response = client.post(page, entries_of(interview), follow=True)
    assert REASON in response.content.decode()
    shown = api_of(lin).client.get(reverse("interview", args=[interview.pk])).content.decode()
    assert REASON in shown
    assert Scorecard.objects.get(interviewer=wu).recommendation == "no"


def test_only_authors_of_a_submitted_scorecard_reach_the_page(
    zhao: User, lin: User, sun: User, interview: Interview
) -> None:
    page = reverse("scorecard_amend", args=[interview.pk])
    own = reverse("scorecard", args=[interview.pk])
    assert api_of(zhao).client.get(page)["Location"] == own
    assert api_of(lin).client.get(page).status_code == 403
    assert api_of(sun).client.get(page).status_code == 404
    assert "login" in api_of(None).client.get(page)["Location"]


def test_the_page_shows_times_in_the_same_zone_as_the_scorecard_page(
    wu: User, interview: Interview
) -> None:
    NoticeSettings.objects.update_or_create(user=wu, defaults={"time_zone": "Europe/Berlin"})
    client = api_of(wu).client
    own = timezone.localtime(interview.starts_at, ZoneInfo("Europe/Berlin"))
    for page in ("scorecard", "scorecard_amend"):
        shown = client.get(reverse(page, args=[interview.pk])).content.decode()
        assert f", {own:%H:%M}</p>" in shown, page
