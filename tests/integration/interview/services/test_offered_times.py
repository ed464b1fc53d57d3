"""Coordinators offer other times; the candidate chooses one that is still free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interview.models import Delivery, Interview, InterviewEvent, OfferedTime
from interview.services import interview_choose_time, interview_offer_times
from interview.services.transitions import Actor
from jobs.applications.links import link_of
from jobs.models import Campaign
from tests.factories import make_application, make_interview
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
HOUR = timedelta(hours=1)


@pytest.fixture
def start() -> datetime:
    return (timezone.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def interview(campaign: Campaign, wu: User, start: datetime) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu], starts_at=start)


def offer(interview: Interview, lin: User, *starts: datetime, reason: str = "") -> Interview:
    fresh = Interview.objects.get(pk=interview.pk)
    return interview_offer_times(
        interview_id=fresh.pk,
        version=fresh.version,
        starts=starts,
        override_reason=reason,
        actor=Actor(user=lin, source="test"),
    )


def choose(interview: Interview, start: datetime) -> str:
    """Press the button of this time on the candidate's page; return the page that follows."""
    fresh = Interview.objects.get(pk=interview.pk)
    offered = OfferedTime.objects.filter(interview=fresh, starts_at=start).first()
    form = {"do": "choose", "interview": fresh.pk, "version": fresh.version}
    form["time"] = offered.pk if offered else 0
    return page(interview, form)


def page(interview: Interview, form: Any = None) -> str:
    link = link_of(interview.application)
    assert link
    address = reverse("my_application", args=[link.token])
    client = Client()
    if form:
        return client.post(address, form, headers=ENGLISH, follow=True).content.decode()
    return client.get(address, headers=ENGLISH).content.decode()


def test_choosing_an_offered_time_reschedules_and_confirms_the_interview(
    interview: Interview, lin: User, start: datetime
) -> None:
    offer(interview, lin, start + 3 * HOUR, start + 5 * HOUR)
    assert page(interview).count('name="time"') == 2
    assert "This is your new time" in choose(interview, start + 3 * HOUR)
    after = Interview.objects.get()
    assert (after.starts_at, after.ends_at) == (start + 3 * HOUR, start + 4 * HOUR)
    assert after.status == "confirmed"
    steps = list(after.events.order_by("-pk").values_list("action", "source")[:2])
    assert steps == [("confirm", "candidate"), ("reschedule", "candidate")]
    new_start = after.starts_at.isoformat()
    deliveries = Delivery.objects.filter(state="queued", facts__starts_at=new_start)
    assert {bool(one.candidate_id) for one in deliveries} == {True, False}, "to both sides"


def test_the_candidate_is_notified_of_offered_times(
    interview: Interview, lin: User, start: datetime
) -> None:
    offer(interview, lin, start + 3 * HOUR)
    message = Delivery.objects.get(event="offered")
    assert message.candidate == interview.application.candidate


def test_a_candidate_can_reschedule_at_most_twice(
    interview: Interview, lin: User, start: datetime
) -> None:
    times = [start + number * HOUR for number in (2, 4, 6)]
    offer(interview, lin, *times)
    for time in times[:2]:
        assert "This is your new time" in choose(interview, time)
    assert 'name="time"' not in page(interview)
    before = state_of(Interview, InterviewEvent)
    assert "no longer available" in choose(interview, times[2])
    assert state_of(Interview, InterviewEvent) == before


def test_an_offered_time_that_was_taken_is_no_longer_available(
    interview: Interview, lin: User, wu: User, start: datetime, campaign: Campaign
) -> None:
    times = [start + 3 * HOUR, start + 6 * HOUR, start + 9 * HOUR]
    offer(interview, lin, *times)
    make_interview(room=interview.room, starts_at=times[0])
    make_interview(campaign=campaign, interviewers=[wu], starts_at=times[1])
    assert page(interview).count('name="time"') == 1
    html = choose(interview, times[1])
    assert "no longer available" in html
    assert wu.last_name not in html
    assert Interview.objects.get(pk=interview.pk).starts_at == start


def test_a_time_with_a_conflict_is_offered_only_with_a_reason_and_can_then_be_chosen(
    interview: Interview, lin: User, wu: User, start: datetime, campaign: Campaign
) -> None:
    time = start + 3 * HOUR
    make_interview(campaign=campaign, interviewers=[wu], starts_at=time)
    with pytest.raises(ValidationError) as refused:
        offer(interview, lin, time)
    (text, hint) = refused.value.message_dict["starts"]
    assert "吴磊 has another interview at that time." in text
    assert hint == "Enter a reason to continue."
    offered = offer(interview, lin, time, reason="Wu looks in on both")
    assert offered.events.get(action="offer-times").reason == "Wu looks in on both"
    assert page(interview).count('name="time"') == 1
    assert "This is your new time" in choose(interview, time)
    moved = Interview.objects.get(pk=interview.pk)
    assert moved.starts_at == time
    reason = moved.events.get(action="reschedule").reason
    assert reason == "候选人自选 · 提供时间时已确认冲突", "in the language of the site"


def test_a_conflict_that_was_not_confirmed_with_the_offer_makes_a_time_unavailable(
    interview: Interview, lin: User, wu: User, start: datetime, campaign: Campaign
) -> None:
    time = start + 3 * HOUR
    make_interview(campaign=campaign, interviewers=[wu], starts_at=time)
    offer(interview, lin, time, reason="Wu looks in on both")
    application = make_application(candidate=interview.application.candidate)
    make_interview(application=application, starts_at=time)
    assert 'name="time"' not in page(interview)
    assert "no longer available" in choose(interview, time)


def test_no_reason_permits_to_offer_a_time_at_which_the_room_is_taken(
    interview: Interview, lin: User, start: datetime
) -> None:
    make_interview(room=interview.room, starts_at=start + 3 * HOUR)
    with pytest.raises(ValidationError) as refused:
        offer(interview, lin, start + 3 * HOUR, reason="We need it")
    (text,) = refused.value.message_dict["starts"]
    assert "This room is taken at that time." in text


def test_shortly_before_the_start_no_other_time_can_be_chosen(
    campaign: Campaign, lin: User, wu: User
) -> None:
    soon = timezone.now() + 1.9 * HOUR
    near = make_interview(campaign=campaign, interviewers=[wu], starts_at=soon)
    offer(near, lin, soon + 3 * HOUR)
    assert 'name="time"' not in page(near)
    assert "no longer available" in choose(near, soon + 3 * HOUR)


def test_a_time_offered_for_another_interview_cannot_be_chosen(
    interview: Interview, lin: User, start: datetime, campaign: Campaign
) -> None:
    other = make_interview(campaign=campaign, starts_at=start)
    offer(other, lin, start + 3 * HOUR)
    with pytest.raises(ValidationError):
        interview_choose_time(
            interview_id=interview.pk,
            version=interview.version,
            time_id=OfferedTime.objects.get().pk,
            actor=Actor(user=None, source="candidate"),
        )


def test_times_that_cannot_be_offered_are_refused_and_change_nothing(
    interview: Interview, lin: User, start: datetime
) -> None:
    offer(interview, lin, start + 3 * HOUR)
    make_interview(room=interview.room, starts_at=start + 6 * HOUR)
    before = state_of(Interview, OfferedTime)
    for invalid in (
        [],
        [start],
        [timezone.now()],
        [start + 6 * HOUR],
        [start + (20 + number) * HOUR for number in range(7)],
        [start.replace(year=2150)],
    ):
        with pytest.raises(ValidationError):
            offer(interview, lin, *invalid)
    assert state_of(Interview, OfferedTime) == before


def test_a_new_offer_replaces_the_previous_one(
    interview: Interview, lin: User, start: datetime
) -> None:
    offer(interview, lin, start + 3 * HOUR)
    offer(interview, lin, start + 4 * HOUR)
    assert [one.starts_at for one in OfferedTime.objects.all()] == [start + 4 * HOUR]


def test_the_form_on_the_interview_page_offers_the_entered_times(
    interview: Interview, lin: User, start: datetime
) -> None:
    client = signed_in(Client(), lin)
    shown = client.get(reverse("interview", args=[interview.pk]), headers=ENGLISH)
    assert shown.content.decode().count('name="starts"') == 3
    address = reverse("interview_action", args=[interview.pk, "offer-times"])
    local = "%Y-%m-%dT%H:%M"
    zone = ZoneInfo(interview.campaign.time_zone)
    entered = [f"{(start + 3 * HOUR).astimezone(zone):{local}}", "", ""]
    client.post(address, {"version": interview.version, "starts": entered})
    assert [one.starts_at for one in OfferedTime.objects.all()] == [start + 3 * HOUR]
    assert 'name="override_reason"' in shown.content.decode()
    invalid = {"version": interview.version + 1, "starts": ["soon", "", ""]}
    refused = client.post(address, invalid, headers=ENGLISH)
    assert refused.status_code == 400
    assert 'value="soon"' in refused.content.decode()
