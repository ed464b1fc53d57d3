"""The private calendar feed: one's own interviews, at an address that can be revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from interview import services
from interview.models import CalendarFeed, Interview
from interview.services.transitions import Actor
from tests.factories import NOBODY, make_interview, make_room, make_scorecard
from tests.people import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/me/calendar/"
HOUR = timedelta(hours=1)


def full_hour():
    """Freezes a whole second: iCalendar has no fractions."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) + HOUR


def address(person) -> str:
    return reverse("calendar_feed", args=[services.calendar_renew(user=person).token])


def events(response) -> list:
    assert response.status_code == 200, response.content
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_the_feed_has_only_ones_own_interviews(client, campaign, wu, zhao):
    room = make_room(campaign=campaign, name="A-303", directions="left of the lift")
    mine = make_interview(room=room, interviewers=[wu], starts_at=full_hour())
    make_interview(campaign=campaign, interviewers=[zhao])
    [event] = events(client.get(address(wu)))
    assert mine.application.candidate.name in event["summary"]
    assert event["location"] == "A-303, left of the lift"
    assert event.start == mine.starts_at
    assert event["url"].endswith(f"/interviews/{mine.pk}/")


def test_changes_update_the_same_event(client, wu):
    interview = make_interview(interviewers=[wu], starts_at=full_hour())
    feed = address(wu)
    [before] = events(client.get(feed))
    later = interview.starts_at + 2 * HOUR
    services.interview_reschedule(
        interview_id=interview.pk,
        version=1,
        starts_at=later,
        ends_at=later + HOUR,
        actor=NOBODY,
    )
    [after] = events(client.get(feed))
    assert (after["uid"], after.start) == (before["uid"], later)
    assert after["sequence"] > before["sequence"]
    services.interview_cancel(
        interview_id=interview.pk, version=2, reason="ill", side="company", actor=NOBODY
    )
    assert events(client.get(feed)) == []
    services.interview_undo(interview_id=interview.pk, version=3, actor=NOBODY)
    assert [event["uid"] for event in events(client.get(feed))] == [before["uid"]]


def test_the_feed_tells_the_expected_start_and_keeps_the_planned_one(client, campaign, wu, clock):
    """An interview that started an hour late holds the room until 13:00."""
    start = clock.now() + HOUR / 2
    following = make_interview(campaign=campaign, interviewers=[wu], starts_at=start)
    feed = address(wu)
    [punctual] = events(client.get(feed))
    assert "13:00" not in punctual["description"]
    make_interview(room=following.room, starts_at=clock.now() - HOUR, status="in_progress")
    [late] = events(client.get(feed))
    assert "13:00" in late["description"]
    assert (late["uid"], late.start) == (punctual["uid"], start)


def test_declined_interviews_are_not_in_the_feed(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao])
    services.interview_decline(
        interview_id=interview.pk, version=1, reason="ill", actor=Actor(user=wu, source="page")
    )
    assert events(client.get(address(wu))) == []


def test_the_feed_has_nothing_of_scorecards(client, wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=zhao, strengths="Brilliant at chess.")
    text = client.get(address(wu)).content.decode()
    for word in ("chess", "strong", "yes", zhao.last_name, interview.application.candidate.mobile):
        assert word not in text


def test_an_unchanged_feed_answers_304(client, wu):
    make_interview(interviewers=[wu])
    feed = address(wu)
    first = client.get(feed)
    again = client.get(feed, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_interview(interviewers=[wu], starts_at=timezone.now() + 5 * HOUR)
    changed = client.get(feed, headers={"If-None-Match": first["ETag"]})
    assert len(events(changed)) == 2


def test_time_zone_rules_start_recently(client, campaign, wu):
    """Shanghai had summer time until 1991; no event needs those rules."""
    make_interview(campaign=campaign, interviewers=[wu])
    [zone] = Calendar.from_ical(client.get(address(wu)).content).walk("VTIMEZONE")
    assert zone["tzid"] == "Asia/Shanghai"
    assert not list(zone.walk("DAYLIGHT"))


INVALID_TOKENS = ["x", "a.b", "wrong.token.here", "%00", "é"]


def test_an_invalid_token_is_not_found(subtests, client, wu):
    make_interview(interviewers=[wu])
    for token in INVALID_TOKENS:
        with subtests.test(token=token):
            response = client.get(f"/calendar/{token}.ics")
            assert (response.status_code, response["Content-Type"]) == (
                404,
                "text/plain; charset=utf-8",
            )


def test_a_token_of_another_kind_or_a_changed_one_is_not_found(client, wu):
    feed = address(wu)
    key = CalendarFeed.objects.get(user=wu).key
    assert client.get(f"/calendar/{key}.ics").status_code == 404
    assert client.get(feed.replace(".ics", "x.ics")).status_code == 404
    assert client.get(feed).status_code == 200


def test_a_new_address_revokes_the_old_one(client, wu):
    old = address(wu)
    new = address(wu)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    services.calendar_close(user=wu)
    assert client.get(new).status_code == 404


def test_a_deactivated_account_has_no_feed(client, wu):
    feed = address(wu)
    wu.is_active = False
    wu.save()
    assert client.get(feed).status_code == 404


def test_the_page_shows_ones_address_and_renews_it(client, wu):
    page = signed_in(client, wu).get(PAGE)
    assert "feed-address" not in page.content.decode()
    for _ in range(2):
        shown = client.post(PAGE, {"do": "renew"}, follow=True).content.decode()
        token = CalendarFeed.objects.get(user=wu).token
        assert f"http://testserver/calendar/{token}.ics" in shown
    assert CalendarFeed.objects.count() == 1
    client.post(PAGE, {"do": "close"})
    assert not CalendarFeed.objects.exists()


def test_the_page_requires_sign_in(client):
    assert client.get(PAGE).status_code == 302
    assert Client(enforce_csrf_checks=True).post(PAGE).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_interviews(client, campaign, wu):
    feed = address(wu)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = events(client.get(feed))
        assert len(found) == Interview.objects.count()
        return len(captured)

    make_interview(campaign=campaign, interviewers=[wu])
    one = queries()
    for hours in range(2, 8):
        starts_at = timezone.now() + hours * HOUR
        make_interview(campaign=campaign, interviewers=[wu], starts_at=starts_at)
    assert queries() == one
