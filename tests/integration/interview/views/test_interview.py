"""The page of one interview, and its forms, which use the same services as the API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from interview import services
from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification
from interview.services.event_changes import Change
from interview.services.transitions import Actor
from realtime.protocol.server_frames import isoformat
from tests.factories import make_interview, make_room, make_scorecard
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

WRITTEN = (Interview, InterviewAssignment, InterviewEvent, Notification)


@pytest.fixture
def interview(campaign, wu):
    return make_interview(campaign=campaign, interviewers=[wu])


def address(interview):
    return reverse("interview", args=[interview.pk])


def send(client, interview, action, **entries):
    url = reverse("interview_action", args=[interview.pk, action])
    return client.post(url, {"version": interview.version} | entries)


def offered(response):
    return {form.action for form in response.context["forms"]}


# Access


@pytest.mark.parametrize("name", ["lin", "wu", "admin"])
def test_coordinators_and_its_interviewers_see_the_interview(client, request, interview, name):
    signed_in(client, request.getfixturevalue(name))
    assert interview.application.candidate.name in client.get(address(interview)).content.decode()


@pytest.mark.parametrize("name", ["zhao", "chen", "sun"])
def test_everybody_else_gets_404(client, request, interview, name):
    signed_in(client, request.getfixturevalue(name))
    assert client.get(address(interview)).status_code == 404
    before = state_of(*WRITTEN)
    assert send(client, interview, "start").status_code == 404
    assert state_of(*WRITTEN) == before


def test_visitors_must_sign_in(client, interview):
    assert client.get(address(interview))["Location"].startswith(reverse("login"))
    assert send(client, interview, "start")["Location"].startswith(reverse("login"))


def test_people_are_offered_only_their_own_actions(client, lin, wu, interview):
    signed_in(client, lin)
    assert offered(client.get(address(interview))) == {
        *("confirm", "excuse", "check-in", "start", "no-show", "cancel"),
        *("reschedule", "offer-times", "reassign"),
    }
    client.logout()
    signed_in(client, wu)
    assert offered(client.get(address(interview))) == {
        *("start", "accept", "decline", "running-late")
    }


def test_a_coordinator_sees_contacts_after_asking_for_them(client, lin, wu, interview):
    mobile = interview.application.candidate.mobile
    page = signed_in(client, lin).get(address(interview)).content.decode()
    assert 'href="?contacts=shown#contacts"' in page
    assert f"tel:{mobile}" not in page
    assert f"tel:{mobile}" in client.get(address(interview), {"contacts": 1}).content.decode()
    client.logout()
    page = signed_in(client, wu).get(address(interview)).content.decode()
    assert "contacts=shown" not in page
    assert client.get(address(interview), {"contacts": 1}).status_code == 403


def test_scorecards_of_others_stay_hidden_until_ones_own_is_submitted(
    client, lin, wu, zhao, campaign
):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    make_scorecard(interview=interview, interviewer=zhao, strengths="Spots races at sight.")
    signed_in(client, wu)
    assert "Spots races" not in client.get(address(interview)).content.decode()
    make_scorecard(interview=interview, interviewer=wu)
    assert "Spots races" in client.get(address(interview)).content.decode()
    client.logout()
    assert "Spots races" in signed_in(client, lin).get(address(interview)).content.decode()


def test_only_its_author_sees_a_draft(client, lin, wu, campaign):
    interview = make_interview(campaign=campaign, interviewers=[wu], status="in_progress")
    make_scorecard(interview=interview, interviewer=wu, is_final=False, strengths="Half a thought")
    page = signed_in(client, lin).get(address(interview)).content.decode()
    assert "Half a thought" not in page


# Forms


def test_an_action_returns_with_a_message_and_can_be_undone(client, lin, interview):
    signed_in(client, lin)
    response = send(client, interview, "check-in")
    assert response["Location"] == address(interview)
    interview.refresh_from_db()
    assert interview.status == "arrived"
    page = client.get(address(interview))
    assert len(list(page.context["messages"])) == 1
    assert page.context["undo"].event.action == "check-in"
    send(client, interview, "undo")
    interview.refresh_from_db()
    assert interview.status == "scheduled"


def test_the_event_records_the_page_as_its_source(client, wu, interview):
    send(signed_in(client, wu), interview, "accept")
    event = interview.events.last()
    assert (event.action, event.by, event.source) == ("accept", wu, "page")


def test_the_next_address_must_be_on_this_site(client, lin, interview):
    signed_in(client, lin)
    board = reverse("board", args=["autumn"])
    assert send(client, interview, "confirm", next=board)["Location"] == board
    interview.refresh_from_db()
    elsewhere = send(client, interview, "check-in", next="https://evil.example/")
    assert elsewhere["Location"] == address(interview)


INVALID_ENTRIES = [
    ("cancel", {"side": "company"}, "reason"),
    ("cancel", {"reason": "Ill", "side": "moon"}, "side"),
    ("no-show", {}, "side"),
    ("reassign", {"reason": "Swap"}, "add"),
    (
        "reschedule",
        {"starts_at": "2030-01-01T10:00", "ends_at": "2030-01-01T09:00", "reason": "Late"},
        "ends_at",
    ),
    ("reschedule", {"starts_at": "soon", "ends_at": "later", "reason": "Late"}, "starts_at"),
]


def test_an_invalid_entry_is_reported_at_its_field_and_changes_nothing(
    subtests, client, lin, interview
):
    before = state_of(*WRITTEN)
    signed_in(client, lin)
    for action, entries, field in INVALID_ENTRIES:
        with subtests.test(action=action, entries=entries, field=field):
            response = send(client, interview, action, **entries)
            assert response.status_code == 400
            assert (
                list(response.context["refused"].errors) == [field]
                or field in response.context["refused"].errors
            )
            assert f'id="{action}-{field}_error"' in response.content.decode()
            assert state_of(*WRITTEN) == before


def test_a_refused_form_keeps_its_entries(client, lin, interview):
    response = send(signed_in(client, lin), interview, "cancel", reason="Flight was cancelled")
    assert response.status_code == 400
    assert 'value="Flight was cancelled"' in response.content.decode()


def test_a_room_conflict_is_reported_at_the_room(client, lin, interview, campaign):
    other = make_interview(campaign=campaign, starts_at=interview.starts_at)
    response = send(
        signed_in(client, lin),
        interview,
        "reschedule",
        starts_at=interview.starts_at.isoformat(),
        ends_at=interview.ends_at.isoformat(),
        room=other.room_id,
        reason="Nicer view",
    )
    assert response.status_code == 400
    assert "room" in response.context["refused"].errors


def test_entered_times_are_in_the_campaigns_time_zone(client, lin, interview):
    """The browser sends a local time without a time zone."""
    send(
        signed_in(client, lin),
        interview,
        "reschedule",
        starts_at="2030-01-01T09:30",
        ends_at="2030-01-01T10:15",
        room=interview.room_id,
        reason="Next year",
    )
    interview.refresh_from_db()
    assert interview.starts_at.isoformat() == "2030-01-01T01:30:00+00:00"


def test_interviewers_can_be_swapped(client, lin, wu, zhao, interview):
    send(signed_in(client, lin), interview, "reassign", remove=[wu.pk], add=[zhao.pk], reason="Ill")
    assert [a.interviewer for a in interview.assignments.all()] == [zhao]


def test_a_stale_form_shows_what_others_changed_and_changes_nothing(client, lin, wu, interview):
    services.interview_accept(
        interview_id=interview.pk, version=interview.version, actor=Actor(user=wu, source="api")
    )
    before = state_of(*WRITTEN)
    response = send(signed_in(client, lin), interview, "confirm")
    assert response.status_code == 409
    assert [step.who for step in response.context["changes"]] == ["吴磊"]
    assert response.context["interview"].version == interview.version + 1
    assert state_of(*WRITTEN) == before


def test_an_action_the_status_does_not_allow_is_refused(client, lin, interview):
    before = state_of(*WRITTEN)
    response = send(signed_in(client, lin), interview, "finish")
    assert response.status_code == 400
    assert response.context["refused"].non_field_errors()
    assert state_of(*WRITTEN) == before


def test_an_action_without_permission_is_forbidden(client, wu, interview):
    before = state_of(*WRITTEN)
    response = send(signed_in(client, wu), interview, "cancel", reason="Ill", side="company")
    assert response.status_code == 403
    assert state_of(*WRITTEN) == before


@pytest.mark.parametrize("action", ["complete", "explode"])
def test_an_unknown_action_answers_404(client, lin, interview, action):
    assert send(signed_in(client, lin), interview, action).status_code == 404


def test_actions_refuse_get(client, lin, interview):
    url = reverse("interview_action", args=[interview.pk, "confirm"])
    assert signed_in(client, lin).get(url).status_code == 405


def test_the_history_names_times_rooms_and_people_before_and_after(client, lin, zhao, interview):
    old_room = interview.room
    room = make_room(campaign=interview.campaign)
    moved = services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=interview.starts_at + timedelta(hours=4),
        ends_at=interview.ends_at + timedelta(hours=4),
        room=room,
        reason="Pipes burst",
        actor=Actor(user=lin, source="test"),
    )
    services.interview_reassign(
        interview_id=moved.pk, version=moved.version, add=[zhao], remove=[], reason="Training",
        actor=Actor(user=lin, source="test"),
    )  # fmt: skip
    page = signed_in(client, lin).get(address(interview))
    joined, changed, *_earlier = page.context["steps"]
    assert changed.event.reason == "Pipes burst"
    assert changed.changes == [
        Change("starts_at", [isoformat(interview.starts_at)], [isoformat(moved.starts_at)]),
        Change("ends_at", [isoformat(interview.ends_at)], [isoformat(moved.ends_at)]),
        Change("room", [old_room.name], [room.name]),
    ]
    assert joined.changes == [Change("interviewers", [], ["赵敏"])]
    assert f"<del>{old_room.name}</del> → <ins>{room.name}</ins>" in page.content.decode()
