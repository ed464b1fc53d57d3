"""The scorecard form: save a draft, review, submit."""

import pytest
from django.urls import reverse

from interview.models import Interview, Scorecard, ScorecardScore
from tests.factories import make_interview, make_scorecard
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def interview(campaign, wu):
    return make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")


@pytest.fixture
def wu_client(client, wu):
    return signed_in(client, wu)


def address(interview):
    return reverse("scorecard", args=[interview.pk])


def full(interview, **changed):
    scores = {f"score_{c.pk}": "3" for c in interview.round.criteria.all()}
    fields = {"recommendation": "yes", "strengths": "Calm.", "concerns": "", "do": "review"}
    return scores | fields | changed


def test_a_draft_may_be_incomplete(wu_client, interview):
    response = wu_client.post(address(interview), {"strengths": "Quick", "do": "draft"})
    assert response["Location"] == address(interview)
    card = Scorecard.objects.get()
    assert (card.state, card.strengths) == ("draft", "Quick")
    assert "Quick" in wu_client.get(address(interview)).content.decode()


def test_the_reviewed_content_is_what_is_submitted(wu_client, wu, interview):
    review = wu_client.post(address(interview), full(interview))
    assert review["Location"] == f"{address(interview)}?review=1"
    assert "Calm." in wu_client.get(review["Location"]).content.decode()
    assert Scorecard.objects.get().state == "draft"
    assert wu_client.post(address(interview), {"do": "submit"})["Location"] == reverse("me")
    card = Scorecard.objects.get()
    assert (card.state, card.strengths, card.interviewer) == ("submitted", "Calm.", wu)
    assert {score.score for score in card.scores.all()} == {3}
    interview.refresh_from_db()
    assert interview.status == "completed"


@pytest.mark.parametrize("missing", ["score", "recommendation"])
def test_a_missing_entry_is_reported_at_its_field(wu_client, interview, missing):
    entries = full(interview)
    name = next(name for name in entries if name.startswith(missing))
    del entries[name]
    response = wu_client.post(address(interview), entries)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [name]
    assert not Scorecard.objects.exists()


def test_a_scorecard_cannot_be_submitted_without_review(wu_client, interview):
    assert wu_client.post(address(interview), {"do": "submit"}).status_code == 400
    assert not Scorecard.objects.filter(state="submitted").exists()


@pytest.mark.parametrize("score", ["0", "6", "many"])
def test_a_score_outside_the_bands_is_refused(wu_client, interview, score):
    criterion = interview.round.criteria.first()
    entries = full(interview) | {f"score_{criterion.pk}": score}
    assert wu_client.post(address(interview), entries).status_code == 400
    assert not ScorecardScore.objects.exists()


def test_a_submitted_scorecard_is_read_only(wu_client, wu, interview):
    make_scorecard(interview=interview, interviewer=wu, strengths="As it was.")
    page = wu_client.get(address(interview))
    assert "As it was." in page.content.decode()
    assert b"<textarea" not in page.content
    before = state_of(Scorecard, ScorecardScore, Interview)
    response = wu_client.post(address(interview), full(interview, strengths="Changed."))
    assert response.status_code == 400
    assert state_of(Scorecard, ScorecardScore, Interview) == before


def test_the_form_opens_when_the_candidate_has_arrived(wu_client, wu, campaign):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    assert b"<textarea" not in wu_client.get(address(interview)).content
    assert wu_client.post(address(interview), full(interview)).status_code == 400
    assert not Scorecard.objects.exists()


def test_only_the_interviewer_reaches_the_form(client, lin, zhao, interview):
    before = state_of(Scorecard)
    signed_in(client, lin)
    assert client.get(address(interview)).status_code == 403
    assert client.post(address(interview), full(interview)).status_code == 403
    client.logout()
    signed_in(client, zhao)
    assert client.get(address(interview)).status_code == 404
    assert client.post(address(interview), full(interview)).status_code == 404
    assert state_of(Scorecard) == before


def test_visitors_must_sign_in(client, interview):
    assert client.get(address(interview))["Location"].startswith(reverse("login"))


def test_a_colleagues_scorecard_is_not_on_the_page(wu_client, zhao, wu, campaign):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=zhao, strengths="Spots races at sight.")
    assert "Spots races" not in wu_client.get(address(interview)).content.decode()
