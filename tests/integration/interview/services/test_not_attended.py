"""“I did not attend”: nothing is awaited of who was not there, and nothing is told to him."""

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
    fresh = Interview.objects.get(pk=interview.pk)
    return services.scorecard_dismiss(
        interview_id=fresh.pk, version=fresh.version, actor=Actor(user=person, source="page")
    )


def test_who_was_not_there_owes_no_scorecard_and_the_others_complete_the_interview(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    assert current_row(interview)["feedback"] == {"due": 2, "in": 0}
    dismiss(interview, wu)
    assert current_row(interview)["feedback"] == {"due": 1, "in": 0}
    assert Interview.objects.get(pk=interview.pk).status == "feedback_due"
    make_scorecard(interview=interview, interviewer=zhao)
    assert Interview.objects.get(pk=interview.pk).status == "completed"


def as_it_is(interview) -> Interview:
    return Interview.objects.get(pk=interview.pk)


def add(interview, person, **more) -> Interview:
    return services.interview_reassign(
        interview_id=interview.pk,
        version=as_it_is(interview).version,
        add=[person],
        reason="She held it",
        actor=NOBODY,
        **more,
    )


def test_where_nobody_was_there_no_success_is_shown_and_the_coordinators_hear_of_it(
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


def test_where_all_had_declined_it_does_not_end_as_a_success_either(campaign, lin, wu):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    services.interview_decline(
        interview_id=interview.pk, version=1, reason="ill", actor=Actor(user=wu, source="page")
    )
    for step in (services.interview_start, services.interview_finish):
        step(interview_id=interview.pk, version=as_it_is(interview).version, actor=NOBODY)
    row = current_row(interview)
    assert (row["status"], row["flags"]) == ("feedback_due", ["feedback_overdue"])
    assert Notification.objects.filter(recipient=lin).count() == 1


def test_who_held_it_is_named_and_completes_it(campaign, lin, wu, zhao):
    interview = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    dismiss(interview, wu)
    assert "reassign" in allowed_actions(lin, as_it_is(interview))
    add(interview, zhao)
    assert current_row(interview)["flags"] == []
    told = Notification.objects.filter(recipient=zhao).values_list("event", flat=True)
    assert list(told) == ["feedback_due"]
    make_scorecard(interview=interview, interviewer=zhao)
    assert as_it_is(interview).status == "completed"


def test_after_the_end_nobody_is_taken_off(wu, zhao):
    """What he owes he gives, or he says himself that he did not attend."""
    interview = make_interview(interviewers=[wu], status="feedback_due")
    with pytest.raises(ValidationError) as refused:
        add(interview, zhao, remove=[wu])
    assert set(refused.value.message_dict) == {"remove"}


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
