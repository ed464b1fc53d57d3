"""Scheduling interviews in the API, and rescheduling them by PATCH."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from interview.live.rows import current_row
from interview.models import (
    Interview,
    InterviewAssignment,
    InterviewEvent,
    Notification,
    Room,
    RoundTemplate,
)
from jobs.models import Application, Campaign
from realtime.models import Change
from tests.factories import (
    make_application,
    make_campaign,
    make_interview,
    make_interviewer,
    make_member,
    make_room,
)
from tests.support.clients.api import api_of, refused, state_of

WATCHED = (Interview, InterviewAssignment, InterviewEvent, Notification, Application, Change)
TEN, ELEVEN, NOON = (f"2036-11-22T{hour}:00:00+08:00" for hour in (10, 11, 12))


@pytest.fixture
def room(campaign: Campaign) -> Room:
    return make_room(campaign=campaign)


@pytest.fixture
def plan(campaign: Campaign, room: Room, wu: User, zhao: User) -> dict[str, Any]:
    """A valid request body to schedule an interview."""
    return {
        "application": make_application(campaign=campaign).pk,
        "round": 1,
        "room": room.pk,
        "starts_at": TEN,
        "ends_at": ELEVEN,
        "interviewers": [wu.pk, zhao.pk],
    }


def test_a_coordinator_schedules_an_interview(lin: User, wu: User, plan: dict[str, Any]) -> None:
    response = api_of(lin).post("interviews/", plan)
    assert response.status_code == 201, response.content
    interview = Interview.objects.get()
    assert response.json() == current_row(interview)
    assert interview.starts_at == datetime.fromisoformat(TEN)
    assert response.json()["interviewers"] == ["吴磊", "赵敏"]
    assert interview.application.stage == "interviewing"
    assert interview.events.get().by == lin
    assert Notification.objects.filter(recipient=wu, event="assigned").count() == 1


def test_interviewers_are_assigned_in_the_order_in_which_they_are_given(
    lin: User, wu: User, zhao: User, plan: dict[str, Any]
) -> None:
    response = api_of(lin).post("interviews/", plan | {"interviewers": [zhao.pk, wu.pk]})
    assert response.json()["interviewers"] == ["赵敏", "吴磊"]


def test_a_round_of_the_campaign_takes_precedence_over_the_shared_one(
    lin: User, campaign: Campaign, plan: dict[str, Any]
) -> None:
    own = RoundTemplate.objects.create(campaign=campaign, number=1, name="自己的一面")
    response = api_of(lin).post("interviews/", plan)
    assert response.json()["round_name"] == "自己的一面"
    assert Interview.objects.get().round == own


def test_a_time_without_an_offset_is_in_the_campaigns_time_zone(
    lin: User, plan: dict[str, Any]
) -> None:
    Campaign.objects.update(time_zone="Europe/London")
    naive = {"starts_at": "2036-11-22T10:00", "ends_at": "2036-11-22T11:00"}
    assert api_of(lin).post("interviews/", plan | naive).status_code == 201
    assert Interview.objects.get().starts_at.isoformat() == "2036-11-22T10:00:00+00:00"


@pytest.mark.parametrize("person", ["wu", "sun", "chen"])
def test_only_coordinators_can_schedule(
    person: str, request: pytest.FixtureRequest, plan: dict[str, Any]
) -> None:
    api = api_of(request.getfixturevalue(person))
    before = state_of(*WATCHED)
    refused(api.post("interviews/", plan), 403)
    refused(api_of(None).post("interviews/", plan), 401)
    assert state_of(*WATCHED) == before


def test_a_coordinator_cannot_schedule_in_another_campaign(
    lin: User, wu: User, plan: dict[str, Any]
) -> None:
    other = make_campaign()
    foreign = {
        "application": make_application(campaign=other).pk,
        "room": make_room(campaign=other).pk,
    }
    before = state_of(*WATCHED)
    response = api_of(lin).post("interviews/", plan | foreign)
    assert refused(response).keys() == {"application", "room"}
    assert state_of(*WATCHED) == before


INVALID_VALUES = [
    ("application", 10**30), ("application", None), ("application", "first"),
    ("application", True), ("application", [1]), ("application", 1.5),
    ("round", 9), ("round", "one"), ("round", 10**9),
    ("room", 999_999), ("room", "A-1"), ("room", {"id": 1}),
    ("starts_at", "10 o'clock"), ("starts_at", 7), ("starts_at", "9999-12-31T23:59:59Z"),
    ("starts_at", "0001-01-01T00:00:00Z"), ("starts_at", "1999-12-30T10:00:00Z"),
    ("ends_at", TEN), ("ends_at", "2036-11-22T09:59:00+08:00"),
    ("ends_at", "2036-11-23T10:00:00+08:00"), ("ends_at", ""),
    ("interviewers", []), ("interviewers", [999_999]), ("interviewers", "wu"),
    ("interviewers", ["wu"]), ("interviewers", None), ("interviewers", [10**30]),
    ("interviewers", list(range(1, 50))), ("interviewers", [[1]]),
    ("override_reason", "x" * 301),
]  # fmt: skip


def test_an_invalid_value_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, plan: dict[str, Any]
) -> None:
    api = api_of(lin)
    before = state_of(*WATCHED)
    for field, value in INVALID_VALUES:
        with subtests.test(field=field, value=value):
            response = api.post("interviews/", plan | {field: value})
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


def test_all_missing_fields_are_reported_together(lin: User, plan: dict[str, Any]) -> None:
    assert refused(api_of(lin).post("interviews/", {})).keys() == plan.keys()


def test_a_user_who_is_not_an_interviewer_is_refused(
    lin: User, sun: User, wu: User, plan: dict[str, Any]
) -> None:
    response = api_of(lin).post("interviews/", plan | {"interviewers": [wu.pk, sun.pk]})
    assert refused(response).keys() == {"interviewers"}
    assert not Interview.objects.exists()


def test_a_room_of_another_campaign_of_the_same_coordinator_is_refused(
    lin: User, plan: dict[str, Any]
) -> None:
    other = make_campaign()
    make_member(other, lin)
    response = api_of(lin).post("interviews/", plan | {"room": make_room(campaign=other).pk})
    assert refused(response).keys() == {"room"}
    assert not Interview.objects.exists()


def test_an_occupied_room_is_refused(lin: User, campaign: Campaign, room: Room) -> None:
    first = {
        "application": make_application(campaign=campaign).pk,
        "round": 1,
        "room": room.pk,
        "starts_at": TEN,
        "ends_at": NOON,
        "interviewers": [make_interviewer().pk],
    }
    second = first | {
        "application": make_application(campaign=campaign).pk,
        "starts_at": ELEVEN,
        "interviewers": [make_interviewer().pk],
    }
    api = api_of(lin)
    assert api.post("interviews/", first).status_code == 201
    before = state_of(*WATCHED)
    assert refused(api.post("interviews/", second)).keys() == {"room"}
    assert state_of(*WATCHED) == before


def test_a_booked_interviewer_needs_a_reason(
    lin: User, campaign: Campaign, plan: dict[str, Any]
) -> None:
    api = api_of(lin)
    assert api.post("interviews/", plan).status_code == 201
    again = plan | {
        "application": make_application(campaign=campaign).pk,
        "room": make_room(campaign=campaign).pk,
    }
    reasons = refused(api.post("interviews/", again))
    assert reasons.keys() == {"interviewers"}
    message = " ".join(reasons["interviewers"])
    assert "吴磊" in message
    assert "赵敏" in message, "both interviewers are named"
    response = api.post("interviews/", again | {"override_reason": "Joins for five minutes only"})
    assert response.status_code == 201


def test_a_patch_reschedules_an_interview(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    room = make_room(campaign=campaign)
    entries = {"version": 1, "starts_at": TEN, "ends_at": ELEVEN, "room": room.pk, "reason": "Sun"}
    response = api_of(lin).patch(f"interviews/{interview.pk}/", entries)
    assert response.status_code == 200, response.content
    assert response.json() == current_row(interview)
    assert (response.json()["room_id"], response.json()["version"]) == (room.pk, 2)
    event = interview.events.latest("pk")
    assert (event.action, event.reason, event.by) == ("reschedule", "Sun", lin)


def test_a_patch_keeps_the_fields_that_it_does_not_contain(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    room = make_room(campaign=campaign)
    response = api_of(lin).patch(f"interviews/{interview.pk}/", {"version": 1, "room": room.pk})
    assert response.status_code == 200, response.content
    moved = Interview.objects.get()
    assert (moved.starts_at, moved.ends_at) == (interview.starts_at, interview.ends_at)
    assert moved.room == room


def test_a_stale_patch_is_refused_with_the_current_row(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign, status="confirmed")
    before = state_of(*WATCHED)
    entries = {"version": 1, "starts_at": TEN, "ends_at": ELEVEN}
    response = api_of(lin).patch(f"interviews/{interview.pk}/", entries)
    assert refused(response, 409).keys() == {"version"}
    assert response.json()["current"] == current_row(interview)
    assert state_of(*WATCHED) == before


INVALID_PATCHES = [
    ({"starts_at": TEN, "ends_at": ELEVEN}, "version"),
    ({"version": 1}, "starts_at"),
    ({"version": 1, "starts_at": ELEVEN, "ends_at": TEN}, "ends_at"),
    ({"version": 1, "status": "completed"}, "status"),
    ({"version": 1, "starts_at": TEN, "campaign": "other"}, "campaign"),
    ({"version": 1, "room": 999_999}, "room"),
    ({"version": 1, "room": None}, "room"),
    ([], "version"),
]


def test_an_invalid_patch_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    interview = make_interview(campaign=campaign)
    before = state_of(*WATCHED)
    for entries, field in INVALID_PATCHES:
        with subtests.test(entries=entries, field=field):
            response = api.patch(f"interviews/{interview.pk}/", entries)
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


def test_only_coordinators_of_the_campaign_can_reschedule(
    lin: User, wu: User, sun: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    elsewhere = make_interview()
    entries = {"version": 1, "starts_at": TEN, "ends_at": ELEVEN}
    before = state_of(*WATCHED)
    refused(api_of(wu).patch(f"interviews/{interview.pk}/", entries), 403)
    refused(api_of(sun).patch(f"interviews/{interview.pk}/", entries), 404)
    refused(api_of(lin).patch(f"interviews/{elsewhere.pk}/", entries), 404)
    refused(api_of(None).patch(f"interviews/{interview.pk}/", entries), 401)
    refused(api_of(lin).ask("DELETE", f"interviews/{interview.pk}/"), 405)
    assert state_of(*WATCHED) == before
