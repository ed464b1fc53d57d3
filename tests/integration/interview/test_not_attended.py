"""“I did not attend”: nothing is awaited of who was not there, and nothing is told to him."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from interview import services
from interview.access import allowed_actions, may_read_scorecard_content
from interview.models import Interview
from interview.rows import current_row
from interview.services.steps import Actor
from tests.factories import make_interview, make_member, make_scorecard
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def dismiss(interview, person) -> Interview:
    fresh = Interview.objects.get(pk=interview.pk)
    return services.scorecard_dismiss(
        interview_id=fresh.pk, version=fresh.version, actor=Actor(by=person, source="page")
    )


def test_who_was_not_there_owes_no_scorecard_and_the_others_complete_the_interview(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    assert current_row(interview)["feedback"] == {"due": 2, "in": 0}
    dismiss(interview, wu)
    assert current_row(interview)["feedback"] == {"due": 1, "in": 0}
    assert Interview.objects.get(pk=interview.pk).status == "feedback_due"
    make_scorecard(interview=interview, interviewer=zhao)
    assert Interview.objects.get(pk=interview.pk).status == "completed"


def test_saying_so_does_not_open_what_the_others_wrote(campaign, wu, zhao):
    """Not even to who coordinates as well: else one could look, and then write after all."""
    make_member(campaign, wu)
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=zhao)
    dismiss(interview, wu)
    assert not may_read_scorecard_content(wu, Interview.objects.get(pk=interview.pk))


def test_writing_a_scorecard_after_all_takes_it_back(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    dismiss(interview, wu)
    make_scorecard(interview=interview, interviewer=wu, is_final=False)
    assert current_row(interview)["feedback"] == {"due": 2, "in": 0}


def test_only_who_still_owes_one_can_say_so(lin, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    for person in (wu, lin):
        with pytest.raises(ValidationError):
            dismiss(interview, person)
    fresh = Interview.objects.get(pk=interview.pk)
    assert "not-attended" not in allowed_actions(wu, fresh)
    assert "not-attended" in allowed_actions(zhao, fresh)


def test_the_scorecards_page_offers_it_and_the_interview_remembers(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    page = signed_in(client, wu).get(reverse("scorecard", args=[interview.pk]))
    action = reverse("interview_action", args=[interview.pk, "not-attended"])
    assert action in page.content.decode()
    client.post(action, {"version": interview.version})
    told = client.get(reverse("interview", args=[interview.pk])).content.decode()
    assert "面试官未参加" in told
    assert action not in told


def test_the_api_takes_it_like_any_other_action(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    address = f"/api/v1/interviews/{interview.pk}/not-attended/"
    entry = {"version": interview.version}
    answer = signed_in(client, wu).post(address, entry, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["assignments"][0]["scorecard"] == "dismissed"
    stale = client.post(address, entry, content_type="application/json")
    assert stale.status_code == 409
