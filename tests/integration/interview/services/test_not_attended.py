"""The action “I did not attend”: the interviewer owes no scorecard and cannot read the others."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from interview import services
from interview.live.rows import current_row
from interview.models import Delivery, Interview, Notification
from interview.notifications.in_app.notices import notice_text
from interview.rules.permissions import allowed_actions, may_read_scorecard_content
from interview.services.transitions import Actor
from tests.factories import NOBODY, make_interview, make_member, make_scorecard
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def dismiss(interview, person) -> Interview:
    interview = current(interview)
    return services.scorecard_dismiss(
        interview_id=interview.pk,
        version=interview.version,
        actor=Actor(user=person, source="page"),
    )


def test_an_absent_interviewer_owes_no_scorecard_and_the_others_complete_it(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    assert current_row(interview)["feedback"] == {"due": 2, "in": 0}
    dismiss(interview, wu)
    assert current_row(interview)["feedback"] == {"due": 1, "in": 0}
    assert current(interview).status == "feedback_due"
    make_scorecard(interview=interview, interviewer=zhao)
    assert current(interview).status == "completed"


def current(interview) -> Interview:
    return Interview.objects.get(pk=interview.pk)


def add(interview, person, **more) -> Interview:
    return services.interview_reassign(
        interview_id=interview.pk,
        version=current(interview).version,
        add=[person],
        reason="Conducted the interview",
        actor=NOBODY,
        **more,
    )


def test_if_no_interviewer_attended_it_is_not_completed_and_coordinators_are_told(
    campaign, lin, wu, zhao
):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    dismiss(interview, wu)
    assert current_row(interview)["flags"] == [], "the premise: an hour has not passed"
    assert not Notification.objects.filter(recipient=lin).exists()
    dismiss(interview, zhao)
    row = current_row(interview)
    assert (row["status"], row["flags"]) == ("feedback_due", ["feedback_overdue"])
    [notice] = Notification.objects.filter(recipient=lin)
    assert interview.application.candidate.name in notice_text(notice)
    assert Delivery.objects.filter(person=lin, event="feedback_due").count() == 1


def test_if_all_interviewers_declined_the_interview_is_not_completed_either(campaign, lin, wu):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    services.interview_decline(
        interview_id=interview.pk, version=1, reason="ill", actor=Actor(user=wu, source="page")
    )
    for step in (services.interview_start, services.interview_finish):
        step(interview_id=interview.pk, version=current(interview).version, actor=NOBODY)
    row = current_row(interview)
    assert (row["status"], row["flags"]) == ("feedback_due", ["feedback_overdue"])
    assert Notification.objects.filter(recipient=lin).count() == 1


def test_a_substitute_added_afterwards_completes_the_interview(campaign, lin, wu, zhao):
    interview = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    dismiss(interview, wu)
    assert "reassign" in allowed_actions(lin, current(interview))
    add(interview, zhao)
    assert current_row(interview)["flags"] == []
    events = Notification.objects.filter(recipient=zhao).values_list("event", flat=True)
    assert list(events) == ["feedback_due"]
    make_scorecard(interview=interview, interviewer=zhao)
    assert current(interview).status == "completed"


def test_after_the_end_an_interviewer_can_no_longer_be_removed(wu, zhao):
    """They submit their scorecard, or report themselves that they did not attend."""
    interview = make_interview(interviewers=[wu], status="feedback_due")
    with pytest.raises(ValidationError) as refused:
        add(interview, zhao, remove=[wu])
    assert set(refused.value.message_dict) == {"remove"}


def test_not_attending_does_not_reveal_the_scorecards_of_others(campaign, wu, zhao):
    """Not even to a coordinator, who could read the others and then submit theirs after all."""
    make_member(campaign, wu)
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=zhao)
    dismiss(interview, wu)
    assert not may_read_scorecard_content(wu, Interview.objects.get(pk=interview.pk))


def test_starting_a_scorecard_after_all_withdraws_the_dismissal(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    dismiss(interview, wu)
    make_scorecard(interview=interview, interviewer=wu, is_final=False)
    assert current_row(interview)["feedback"] == {"due": 2, "in": 0}


def test_only_interviewers_with_a_due_scorecard_can_report_not_attending(lin, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    for person in (wu, lin):
        with pytest.raises(ValidationError):
            dismiss(interview, person)
    interview = current(interview)
    assert "not-attended" not in allowed_actions(wu, interview)
    assert "not-attended" in allowed_actions(zhao, interview)


def test_the_scorecard_page_offers_the_action_and_the_interview_shows_it(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    page = signed_in(client, wu).get(reverse("scorecard", args=[interview.pk]))
    action = reverse("interview_action", args=[interview.pk, "not-attended"])
    assert action in page.content.decode()
    client.post(action, {"version": interview.version})
    html = client.get(reverse("interview", args=[interview.pk])).content.decode()
    assert "面试官未参加" in html
    assert action not in html


def test_the_api_accepts_the_action_and_refuses_a_stale_version(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    address = f"/api/v1/interviews/{interview.pk}/not-attended/"
    body = {"version": interview.version}
    response = signed_in(client, wu).post(address, body, content_type="application/json")
    assert response.status_code == 200, response.content
    assert response.json()["assignments"][0]["scorecard"] == "dismissed"
    stale = client.post(address, body, content_type="application/json")
    assert stale.status_code == 409
