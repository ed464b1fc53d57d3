"""Rooms in the API, and shifting the later interviews of a room."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from interview.models import Interview, InterviewEvent, Notification, Room
from jobs.models import Campaign
from realtime.models import Change
from tests.factories import make_campaign, make_interview, make_member, make_room
from tests.support.clients.api import api_of, queries_of, refused, state_of

WATCHED = (Room, Interview, InterviewEvent, Notification, Change)
NINE, TEN = (datetime.fromisoformat(f"2027-03-01T{hour}:00:00+08:00") for hour in ("09", "10"))


def test_a_coordinator_creates_and_changes_a_room(lin: User, campaign: Campaign) -> None:
    api = api_of(lin)
    entries = {"campaign": "autumn", "name": "A-101", "room_kind": "video"}
    response = api.post("rooms/", entries | {"meeting_url": "https://meet.example.com/a"})
    assert response.status_code == 201, response.content
    row = response.json()
    assert (row["key"], row["kind"]) == (f"room:{row['id']}", "room")
    assert (row["campaign"], row["room_kind"], row["delay_minutes"]) == ("autumn", "video", 0)
    response = api.patch(f"rooms/{row['id']}/", {"version": 1, "is_active": False})
    assert response.json() == row | {"is_active": False, "version": 2}
    assert api.get(f"rooms/{row['id']}/").json() == response.json()
    assert api.get("rooms/").json()["results"] == [response.json()]


INVALID_ROOMS = [
    ("campaign", "nowhere"), ("campaign", 1), ("name", ""), ("name", "x" * 41),
    ("name", "A-1"), ("room_kind", "cellar"), ("meeting_url", "javascript:alert(1)"),
    ("meeting_url", "not an address"), ("position", -1), ("position", 10**9),
    ("is_active", "perhaps"),
]  # fmt: skip


def test_an_invalid_room_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    make_room(campaign=campaign, name="A-1")
    room = make_room(campaign=campaign, name="A-2")
    before = state_of(*WATCHED)
    api = api_of(lin)
    for field, value in INVALID_ROOMS:
        with subtests.test(field=field, value=value):
            entries = {"campaign": "autumn", "name": "A-3", field: value}
            assert refused(api.post("rooms/", entries)).keys() == {field}
            assert refused(api.patch(f"rooms/{room.pk}/", {"version": 1, field: value})).keys() == {
                field
            }
            assert state_of(*WATCHED) == before


def test_a_room_cannot_be_moved_to_another_campaign(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    other = make_campaign()
    make_member(other, lin)
    response = api_of(lin).patch(f"rooms/{room.pk}/", {"version": 1, "campaign": other.slug})
    assert refused(response).keys() == {"campaign"}


def test_a_stale_change_is_refused_with_the_current_room(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    api = api_of(lin)
    first = api.patch(f"rooms/{room.pk}/", {"version": 1, "name": "B-1"})
    before = state_of(*WATCHED)
    response = api.patch(f"rooms/{room.pk}/", {"version": 1, "name": "B-2"})
    assert refused(response, 409).keys() == {"version"}
    assert response.json()["current"] == first.json()
    assert state_of(*WATCHED) == before


CHANGES_WITHOUT_VERSION = [{}, {"name": "B-2"}, {"version": "new", "name": "B-2"}]


def test_a_change_requires_a_version(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    room = make_room(campaign=campaign)
    before = state_of(*WATCHED)
    for entries in CHANGES_WITHOUT_VERSION:
        with subtests.test(entries=entries):
            assert refused(api.patch(f"rooms/{room.pk}/", entries)).keys() == {"version"}
            assert state_of(*WATCHED) == before


def test_a_patch_that_changes_nothing_keeps_the_version(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign, name="A-1")
    before = state_of(*WATCHED)
    for unchanged in ({}, {"name": "A-1", "campaign": "autumn"}):
        response = api_of(lin).patch(f"rooms/{room.pk}/", {"version": 1} | unchanged)
        assert (response.status_code, response.json()["version"]) == (200, 1)
    assert state_of(*WATCHED) == before


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_can_read_change_and_shift_rooms(
    person: str, request: pytest.FixtureRequest, campaign: Campaign
) -> None:
    room = make_room(campaign=campaign)
    make_interview(room=room, starts_at=NINE)
    api = api_of(request.getfixturevalue(person))
    before = state_of(*WATCHED)
    assert api.get("rooms/").json()["count"] == 0
    refused(api.get(f"rooms/{room.pk}/"), 404)
    refused(api.post("rooms/", {"campaign": "autumn", "name": "Mine"}), 403)
    refused(api.patch(f"rooms/{room.pk}/", {"name": "Mine"}), 403)
    shift = {"minutes": 10, "from": NINE.isoformat()}
    refused(api.post(f"rooms/{room.pk}/shift/", shift), 403)
    refused(api_of(None).post(f"rooms/{room.pk}/shift/", shift), 401)
    assert state_of(*WATCHED) == before


def test_rooms_of_other_campaigns_are_not_found(lin: User) -> None:
    room = make_interview(starts_at=NINE).room
    before = state_of(*WATCHED)
    api = api_of(lin)
    refused(api.get(f"rooms/{room.pk}/"), 404)
    refused(api.patch(f"rooms/{room.pk}/", {"name": "Mine"}), 404)
    shift = {"minutes": 10, "from": NINE.isoformat()}
    refused(api.post(f"rooms/{room.pk}/shift/", shift), 404)
    refused(api.ask("DELETE", f"rooms/{room.pk}/"), 405)
    refused(api.get(f"rooms/{room.pk}/shift/"), 405)
    assert state_of(*WATCHED) == before


def test_a_shift_moves_later_interviews_and_can_be_undone(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    first, second = (make_interview(room=room, starts_at=start) for start in (NINE, TEN))
    api = api_of(lin)
    response = api.post(
        f"rooms/{room.pk}/shift/",
        {"minutes": 20, "from": (NINE + timedelta(minutes=1)).isoformat()},
    )
    assert response.status_code == 200, response.content
    [moved] = response.json()["moved"]
    assert moved["key"] == f"interview:{second.pk}"
    assert moved["candidate"] == second.application.candidate.name
    assert datetime.fromisoformat(moved["starts_at"]) == TEN
    assert datetime.fromisoformat(moved["new_starts_at"]) == TEN + timedelta(minutes=20)
    starts = list(Interview.objects.order_by("pk").values_list("starts_at", flat=True))
    assert starts == [NINE, TEN + timedelta(minutes=20)]
    assert Interview.objects.get(pk=first.pk).version == 1

    assert moved["version"] == Interview.objects.get(pk=second.pk).version == 2
    undo = {"version": moved["version"]}
    assert api.post(f"interviews/{second.pk}/undo/", undo).status_code == 200
    assert Interview.objects.get(pk=second.pk).starts_at == TEN


def test_a_dry_run_returns_the_interviews_and_moves_none(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    for start in (NINE, TEN):
        make_interview(room=room, starts_at=start)
    before = state_of(*WATCHED)
    entries = {"minutes": 20, "from": "2027-03-01T09:00", "dry_run": True}
    response = api_of(lin).post(f"rooms/{room.pk}/shift/", entries)
    assert len(response.json()["moved"]) == 2
    assert state_of(*WATCHED) == before


INVALID_SHIFTS = [
    ({"minutes": 0}, "minutes"), ({"minutes": 241}, "minutes"), ({"minutes": "ten"}, "minutes"),
    ({"minutes": None}, "minutes"), ({"minutes": 10**30}, "minutes"),
    ({"from": "noon"}, "from"), ({"from": None}, "from"),
    ({"from": "9999-12-31T15:00:00+00:00"}, "from"),
    ({"from": "2027-03-01T18:00:00+08:00"}, "from"), ({"dry_run": "perhaps"}, "dry_run"),
]  # fmt: skip


def test_an_invalid_shift_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    room = make_room(campaign=campaign)
    make_interview(room=room, starts_at=NINE)
    before = state_of(*WATCHED)
    for entries, field in INVALID_SHIFTS:
        with subtests.test(entries=entries, field=field):
            response = api.post(
                f"rooms/{room.pk}/shift/", {"minutes": 10, "from": NINE.isoformat()} | entries
            )
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


def test_a_shift_onto_a_running_interview_is_refused(lin: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    make_interview(room=room, starts_at=NINE, status="in_progress")
    make_interview(room=room, starts_at=TEN)
    before = state_of(*WATCHED)
    entries = {"minutes": -30, "from": TEN.isoformat()}
    response = api_of(lin).post(f"rooms/{room.pk}/shift/", entries)
    assert refused(response).keys() == {"room"}
    assert state_of(*WATCHED) == before


def test_a_page_of_rooms_needs_the_same_queries_at_any_length(
    lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    for _ in range(3):
        make_interview(room=make_room(campaign=campaign))
    few = queries_of(api, "rooms/")
    for _ in range(3):
        make_interview(room=make_room(campaign=campaign))
    assert queries_of(api, "rooms/") == few
