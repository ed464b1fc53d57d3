"""The interviewer's page without a script, and its notices."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interview import services
from interview.models import Notification
from interview.services.transitions import Actor
from tests.factories import (
    make_application,
    make_candidate,
    make_interview,
    make_notice,
    make_scorecard,
)
from tests.people import signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def read(client):
    response = client.get(reverse("me"))
    assert response.status_code == 200
    return response.content.decode()


def named(campaign, name):
    return make_application(campaign=campaign, candidate=make_candidate(name=name))


@pytest.fixture
def wu_client(client, wu):
    return signed_in(client, wu)


def test_visitors_must_sign_in(client):
    response = client.get(reverse("me"))
    assert response["Location"] == f"{reverse('login')}?next=/me/"


def test_the_page_refuses_post(wu_client):
    assert wu_client.post(reverse("me")).status_code == 405


def test_the_next_interview_of_the_day_comes_first(wu_client, wu, campaign, clock):
    later = make_interview(
        campaign=campaign, interviewers=[wu], starts_at=clock.now() + timedelta(hours=3)
    )
    first = make_interview(
        campaign=campaign, interviewers=[wu], starts_at=clock.now() + timedelta(hours=1)
    )
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert own_day.next.interview == first
    assert [one.interview for one in own_day.today] == [later]


def test_the_expected_starts_of_the_day_are_shown_if_the_room_runs_late(
    wu_client, wu, campaign, clock
):
    """An interview that started an hour late holds the room until 13:00."""
    hour = timedelta(hours=1)
    first = make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now() + hour / 2)
    make_interview(room=first.room, interviewers=[wu], starts_at=first.ends_at)
    assert "13:00" not in read(wu_client)
    make_interview(room=first.room, starts_at=clock.now() - hour, status="in_progress")
    html = wu_client.get(reverse("me"), headers={"Accept-Language": "en"}).content.decode()
    assert "Expected to start at 13:00" in html, "the next interview"
    assert "expected 14:00" in html, "the one after it"


def test_an_interview_in_progress_comes_before_all_others(wu_client, wu, campaign, clock):
    running = make_interview(
        campaign=campaign,
        interviewers=[wu],
        starts_at=clock.now() + timedelta(hours=2),
        status="in_progress",
    )
    make_interview(campaign=campaign, interviewers=[wu])
    assert wu_client.get(reverse("me")).context["own_day"].next.interview == running


def test_a_declined_interview_is_not_listed(wu_client, wu, zhao, campaign, clock):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao])
    assert wu_client.get(reverse("me")).context["own_day"].next is not None
    services.interview_decline(
        interview_id=interview.pk,
        version=interview.version,
        reason="Away",
        actor=Actor(user=wu, source="test"),
    )
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert (own_day.next, own_day.today) == (None, [])


def test_a_scorecard_is_due_until_it_is_submitted(wu_client, wu, zhao, campaign, clock):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    assert reverse("scorecard", args=[interview.pk]) in read(wu_client)
    make_scorecard(interview=interview, interviewer=wu)
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert own_day.due == []
    assert [one.interview for one in own_day.over] == [interview]


def test_a_past_interview_that_was_not_closed_is_listed(wu_client, wu, campaign, clock):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    clock.shift(days=3)
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert own_day.next is None
    assert [one.interview for one in own_day.left_open] == [interview]


def test_a_candidate_who_has_arrived_is_shown_at_the_top(wu_client, wu, campaign):
    make_interview(
        campaign=campaign,
        interviewers=[wu],
        application=named(campaign, "李小龙"),
        status="arrived",
    )
    banner = re.search(r'<div class="arrived">.*?</div></div>', read(wu_client), re.DOTALL)
    assert banner is not None
    assert "李小龙" in banner[0]


def test_nobody_sees_other_peoples_interviews(sun, wu, zhao, campaign):
    make_interview(campaign=campaign, interviewers=[zhao], application=named(campaign, "李小龙"))
    assert "李小龙" in read(signed_in(Client(), zhao))
    assert "李小龙" not in read(signed_in(Client(), wu))
    assert "李小龙" not in read(signed_in(Client(), sun))


def test_unread_notices_are_counted_in_the_title_until_they_are_read(wu_client, wu, campaign):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    make_notice(interview=interview, recipient=wu)
    assert re.search(r"<title>\(2\) ", read(wu_client)), "the assignment and the reminder"
    assert wu_client.post(reverse("read_notices"))["Location"] == reverse("me")
    assert re.search(r"<title>[^(]", read(wu_client))


def test_marking_notices_as_read_leaves_those_of_others(wu_client, wu, zhao, campaign):
    make_interview(campaign=campaign, interviewers=[wu, zhao])
    wu_client.post(reverse("read_notices"))
    assert not Notification.objects.filter(recipient=wu, read_at=None).exists()
    assert Notification.objects.filter(recipient=zhao, read_at=None).exists()


def test_every_text_the_script_uses_is_sent(wu_client, wu):
    found = re.search(r'id="me-config"[^>]*>(.*?)</script>', read(wu_client), re.DOTALL)
    config = json.loads(found[1])
    assert config["socket"] == "/ws/me/"
    assert config["user"]["id"] == wu.pk
    assert all(config["texts"].values())


def test_the_number_of_queries_does_not_grow_with_the_interviews(
    wu_client, wu, campaign, django_assert_max_num_queries
):
    start = timezone.now()
    for number in range(8):
        starts_at = start + timedelta(hours=2 * number)
        make_interview(campaign=campaign, interviewers=[wu], starts_at=starts_at)
    with django_assert_max_num_queries(16):
        read(wu_client)
