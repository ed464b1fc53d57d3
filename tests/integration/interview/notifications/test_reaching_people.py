"""New places and corrected or missing addresses: people are reached, or the coordinator knows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from interview import services
from interview.models import Delivery, Interview, Notification, Room
from interview.notifications import sender
from interview.notifications.email import smtp_sender
from interview.notifications.history import delivery_history
from interview.notifications.in_app.notices import notice_text
from interview.notifications.incidents import dead_messages
from jobs.candidates.services import candidate_update
from jobs.models import Campaign, PersonalSettings
from realtime.circuit_breaker import CircuitBreaker
from tests.factories import (
    NOBODY,
    bring_to,
    make_application,
    make_candidate,
    make_interview,
    make_room,
)
from tests.people import signed_in
from tests.support.clients.api import api_of
from tests.support.clients.calendar_client import CalendarClient
from tests.support.product.clock import frozen

pytestmark = pytest.mark.django_db
CANDIDATE = "li@example.org"
WU = "wu@example.com"
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def _rested_server(monkeypatch):
    monkeypatch.setattr(smtp_sender, "server", CircuitBreaker(smtp_sender.PAUSE.total_seconds()))


@pytest.fixture
def clock():
    with frozen(datetime(2026, 11, 25, 4, 0, tzinfo=UTC)) as clock:
        yield clock


@pytest.fixture
def room(campaign: Campaign) -> Room:
    return make_room(campaign=campaign, name="Call 1", kind="video", meeting_url="https://m.test/1")


@pytest.fixture
def interview(clock, room: Room, wu: User) -> Interview:
    """Next Wednesday at 14:00 in Beijing, in a call; everybody has been invited."""
    PersonalSettings.objects.create(user=wu, language="en")
    candidate = make_candidate(name="李小龙", email=CANDIDATE)
    made = make_interview(
        application=make_application(campaign=room.campaign, candidate=candidate),
        room=room,
        starts_at=datetime(2026, 12, 2, 6, 0, tzinfo=UTC),
        interviewers=[wu],
    )
    sender.deliver("email")
    return made


def change(room: Room, **fields: str) -> Room:
    version = Room.objects.get(pk=room.pk).version
    return services.room_update(room=room, version=version, actor=NOBODY, **fields)


def entries(server, address: str) -> dict:
    """The entries of the recipient's calendar after all e-mails."""
    calendar = CalendarClient()
    for mail in server.to(address):
        calendar.receive(mail)
    return calendar.entries


class TestPlace:
    def test_a_new_link_updates_the_calendars_of_both_sides(
        self, clock, smtp_server, interview, room
    ):
        before = {address: entries(smtp_server, address) for address in (WU, CANDIDATE)}
        change(room, meeting_url="https://m.test/2")
        sender.deliver("email")
        for address in (WU, CANDIDATE):
            ((uid, entry),) = entries(smtp_server, address).items()
            old = before[address][uid]
            assert "https://m.test/1" in old["location"]
            assert "https://m.test/2" in entry["location"]
            assert entry["sequence"] > old["sequence"]
            assert entry["dtstart"].dt == old["dtstart"].dt
        to_wu = smtp_server.to(WU)[-1]
        assert to_wu["Subject"] == "New room or link: 李小龙 · 2 Dec 14:00"
        assert "rescheduled" not in to_wu.get_body(("plain",)).get_content()

    def test_interviewers_get_a_notice_that_names_the_new_room(self, interview, room, wu):
        change(room, name="Call 2")
        notice = Notification.objects.get(recipient=wu, event="moved")
        assert notice_text(notice) == (
            "Your interview with 李小龙 at 2 Dec 14:00 has a new room or link: Call 2."
        )
        event = interview.events.last()
        assert (event.action, event.version) == ("new-place", 2)

    def test_a_room_saved_in_the_admin_tells_the_same(self, interview, room, admin):
        client = signed_in(Client(), admin)
        address = reverse("admin:interview_room_change", args=[room.pk])
        form = {"campaign": room.campaign_id, "name": room.name, "kind": "video", "position": 0}
        form |= {"directions": "", "meeting_url": "https://m.test/3", "is_active": "on"}
        assert client.post(address, form).status_code == 302
        assert interview.events.last().by == admin
        assert Delivery.objects.filter(event="moved", interview=interview).count() == 2

    def test_what_nobody_needs_to_find_the_room_is_told_to_nobody(self, interview, room):
        services.room_update(room=room, version=room.version, actor=NOBODY, position=7)
        interview.refresh_from_db()
        assert interview.version == 1
        assert not Delivery.objects.filter(event="moved").exists()

    @pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled", "no_show"])
    def test_interviews_that_are_not_to_come_are_left_alone(self, interview, room, status):
        done = bring_to(interview, status)
        Delivery.objects.all().delete()
        change(room, meeting_url="https://m.test/2")
        assert Interview.objects.get(pk=done.pk).version == done.version
        assert not Delivery.objects.exists()

    def test_an_earlier_step_can_still_be_undone(self, interview, room):
        confirmed = bring_to(interview, "confirmed")
        change(room, name="Call 2")
        version = Interview.objects.get(pk=confirmed.pk).version
        undone = services.interview_undo(interview_id=confirmed.pk, version=version, actor=NOBODY)
        assert undone.status == "scheduled"


class TestCorrectedAddress:
    def test_messages_to_the_old_address_are_marked_and_can_be_sent_again(
        self, clock, smtp_server, interview, lin
    ):
        assert not any(one.went_elsewhere for one in delivery_history(interview))
        candidate_update(candidate=interview.application.candidate, email="long@example.org")
        marked = [one.recipient for one in delivery_history(interview) if one.went_elsewhere]
        assert marked == ["李小龙"]
        client = signed_in(Client(), lin)
        page = client.get(reverse("interview", args=[interview.pk]), headers=ENGLISH)
        assert "Send them again?" in page.content.decode()
        detail = api_of(lin).get(f"interviews/{interview.pk}/").json()
        assert [one["went_elsewhere"] for one in detail["messages"]].count(True) == 1
        message = interview.deliveries.get(candidate__isnull=False)
        services.deliveries_resend(deliveries=[message])
        sender.deliver("email")
        assert len(smtp_server.to("long@example.org")) == 1
        assert not any(one.went_elsewhere for one in delivery_history(interview))

    def test_no_address_is_stored_with_a_message(self, clock, smtp_server, interview):
        stored = interview.deliveries.get(candidate__isnull=False).sent_to
        assert stored
        assert "@" not in stored
        assert len(stored) == 32


class TestNoAddress:
    @pytest.fixture
    def unreachable(self, clock, room: Room, wu: User) -> Interview:
        candidate = make_candidate(name="王思远", email="", campaign=room.campaign)
        return make_interview(
            application=make_application(campaign=room.campaign, candidate=candidate),
            room=room,
            interviewers=[wu],
        )

    def test_the_coordinator_sees_that_a_candidate_cannot_be_reached(self, unreachable, lin):
        client = signed_in(Client(), lin)
        page = client.get(reverse("interview", args=[unreachable.pk]), headers=ENGLISH)
        html = page.content.decode()
        assert "This candidate has no e-mail address and cannot be reached" in html
        assert unreachable.application.candidate.mobile in html
        assert ">cannot be reached<" in html
        before = client.get(reverse("schedule", args=[unreachable.application_id]), headers=ENGLISH)
        assert "will not be told of the interview" in before.content.decode()

    def test_the_message_is_sent_once_there_is_an_address(self, clock, smtp_server, unreachable):
        sender.deliver("email")
        message = unreachable.deliveries.get(candidate__isnull=False)
        assert (message.state, message.reason) == ("dead", "no_address")
        candidate_update(candidate=unreachable.application.candidate, email="wang@example.org")
        services.deliveries_resend(deliveries=[message])
        sender.deliver("email")
        assert len(smtp_server.to("wang@example.org")) == 1

    def test_operations_are_not_told_of_candidates_without_an_address(self, unreachable):
        assert unreachable.deliveries.filter(state="dead").exists()
        assert not dead_messages().exists()
