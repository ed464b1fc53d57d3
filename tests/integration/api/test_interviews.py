"""Reading interviews in the API: the list with its filters, one with its history, suggestions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview.live.rows import current_row
from interview.models import Interview
from jobs.mobile_numbers import mobile_save
from jobs.models import Campaign
from monitoring.audit.models import AuditEntry
from realtime.protocol.server_frames import isoformat
from tests.factories import make_campaign, make_interview, make_member, make_room, make_round
from tests.support.clients.api import api_of, queries_of, refused
from tests.support.product.clock import Clock, frozen


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_a_coordinator_reads_the_same_rows_as_on_the_board(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign, status="arrived")
    [row] = api_of(lin).get("interviews/").json()["results"]
    assert row == current_row(interview)
    assert row["kind"] == "interview"
    assert row["status"] == "arrived"


def test_an_interviewer_reads_only_their_own_interviews(
    wu: User, zhao: User, campaign: Campaign
) -> None:
    own = make_interview(campaign=campaign, interviewers=[wu, zhao])
    later = own.starts_at + timedelta(days=1)
    other = make_interview(campaign=campaign, interviewers=[zhao], starts_at=later)
    api = api_of(wu)
    assert ids(api.get("interviews/")) == [own.pk]
    assert ids(api.get("interviews/", interviewer=zhao.pk)) == [own.pk]
    assert api.get(f"interviews/{own.pk}/").status_code == 200
    refused(api.get(f"interviews/{other.pk}/"), 404)
    refused(api.get(f"interviews/{other.pk}/suggestions/"), 404)


@pytest.mark.parametrize("outsider", ["sun", "chen"])
def test_outsiders_find_no_interview(
    outsider: str, request: pytest.FixtureRequest, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign)
    api = api_of(request.getfixturevalue(outsider))
    assert ids(api.get("interviews/")) == []
    assert ids(api.get("interviews/", campaign=campaign.slug)) == []
    refused(api.get(f"interviews/{interview.pk}/"), 404)


def test_interviews_of_other_campaigns_are_not_found(lin: User) -> None:
    elsewhere = make_interview()
    assert ids(api_of(lin).get("interviews/")) == []
    refused(api_of(lin).get(f"interviews/{elsewhere.pk}/"), 404)
    make_member(elsewhere.campaign, lin)
    assert ids(api_of(lin).get("interviews/")) == [elsewhere.pk]


@pytest.mark.django_db
def test_reading_an_interview_requires_sign_in() -> None:
    refused(api_of(None).get(f"interviews/{make_interview().pk}/"), 401)


def test_interviews_can_be_filtered(lin: User, wu: User, campaign: Campaign) -> None:
    room = make_room(campaign=campaign)
    one = make_interview(campaign=campaign, room=room, interviewers=[wu], status="arrived")
    two = make_interview(campaign=campaign, round=make_round(2))
    other = make_campaign(slug="other")
    make_member(other, lin)
    three = make_interview(campaign=other)
    api = api_of(lin)
    assert ids(api.get("interviews/")) == [one.pk, two.pk, three.pk]
    assert ids(api.get("interviews/", campaign="other")) == [three.pk]
    assert ids(api.get("interviews/", status="arrived")) == [one.pk]
    assert ids(api.get("interviews/", room=room.pk)) == [one.pk]
    assert ids(api.get("interviews/", interviewer=wu.pk)) == [one.pk]
    assert ids(api.get("interviews/", job=two.application.job_id)) == [two.pk]
    assert ids(api.get("interviews/", round=2)) == [two.pk]
    assert ids(api.get("interviews/", campaign="nowhere")) == []
    both = api.client.get("/api/v1/interviews/?status=arrived&status=scheduled&campaign=autumn")
    assert ids(both) == [one.pk, two.pk]


def test_the_day_filter_uses_the_time_zone_of_each_campaign(lin: User) -> None:
    starts_at = datetime(2036, 11, 22, 17, 0, tzinfo=UTC)  # 01:00 on the 23rd in Beijing
    beijing = make_campaign(time_zone="Asia/Shanghai")
    london = make_campaign(time_zone="Europe/London")
    for campaign in (beijing, london):
        make_member(campaign, lin)
    in_beijing = make_interview(campaign=beijing, starts_at=starts_at)
    in_london = make_interview(campaign=london, starts_at=starts_at)
    assert ids(api_of(lin).get("interviews/", day="2036-11-23")) == [in_beijing.pk]
    assert ids(api_of(lin).get("interviews/", day="2036-11-22")) == [in_london.pk]
    both = [in_beijing.pk, in_london.pk]
    assert ids(api_of(lin).get("interviews/", day_from="2036-11-22")) == both
    assert ids(api_of(lin).get("interviews/", day_from="2036-11-23")) == [in_beijing.pk]
    assert ids(api_of(lin).get("interviews/", day_to="2036-11-22")) == [in_london.pk]
    assert ids(api_of(lin).get("interviews/", day_from="2036-11-24")) == []


INVALID_FILTERS = [
    ("status", "asleep"), ("day", "yesterday"), ("day", "2026-02-30"), ("room", "A-1"),
    ("room", "0"), ("round", "1.5"), ("interviewer", "9" * 30), ("job", "-1"),
]  # fmt: skip


def test_an_invalid_filter_value_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User
) -> None:
    api = api_of(lin)
    for field, value in INVALID_FILTERS:
        with subtests.test(field=field, value=value):
            assert refused(api.get("interviews/", **{field: value})).keys() == {field}


def test_a_page_of_interviews_needs_the_same_queries_at_any_length(
    lin: User, wu: User, campaign: Campaign
) -> None:
    def add(count: int) -> None:
        start = timezone.now() + timedelta(days=Interview.objects.count() + 1)
        for hour in range(count):
            begin = start + timedelta(hours=hour)
            end = begin + timedelta(minutes=45)
            make_interview(campaign=campaign, starts_at=begin, ends_at=end, interviewers=[wu])

    api = api_of(lin)
    add(3)
    queries_of(api, "interviews/")
    few = queries_of(api, "interviews/")
    add(4)
    assert len(ids(api.get("interviews/"))) == 7
    assert queries_of(api, "interviews/") == few


def test_an_interview_has_its_history_and_the_allowed_actions(
    lin: User, wu: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu], by=lin)
    api = api_of(lin)
    response = api.post(f"interviews/{interview.pk}/check-in/", {"version": 1})
    assert response.status_code == 200
    details = api.get(f"interviews/{interview.pk}/").json()
    assert {name: details[name] for name in response.json()} == response.json()
    created, arrived = details["events"]
    assert (created["action"], created["by"]) == ("create", "林岚")
    assert arrived | {"at": None} == {
        "at": None,
        "by": "林岚",
        "action": "check-in",
        "from_status": "scheduled",
        "to_status": "arrived",
        "reason": "",
        "undone": False,
        "changes": [],
    }
    assert details["allowed"] == [
        *("report-missing", "start", "no-show", "cancel", "reschedule", "reassign", "undo"),
    ]
    left = datetime.fromisoformat(details["undo_until"]) - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert [(n["recipient"], n["event"], n["read"]) for n in details["notices"]] == [
        ("吴磊", "arrived", False),
        ("吴磊", "assigned", False),
    ]


def test_undone_events_are_marked_in_the_history(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    api = api_of(lin)
    api.post(f"interviews/{interview.pk}/check-in/", {"version": 1})
    assert api.post(f"interviews/{interview.pk}/undo/", {"version": 2}).status_code == 200
    details = api.get(f"interviews/{interview.pk}/").json()
    assert [(e["action"], e["undone"]) for e in details["events"]] == [
        ("create", False),
        ("check-in", True),
        ("undo", False),
    ]
    assert details["undo_until"] is None


def test_interviewers_see_their_allowed_actions_but_not_the_notices_of_others(
    wu: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    details = api_of(wu).get(f"interviews/{interview.pk}/").json()
    assert details["allowed"] == ["start", "accept", "decline", "running-late"]
    assert details["notices"] == []


def test_suggestions_list_free_interviewers_first(
    lin: User, wu: User, zhao: User, campaign: Campaign
) -> None:
    start = timezone.now() + timedelta(hours=2)
    make_interview(campaign=campaign, interviewers=[wu], starts_at=start)
    interview = make_interview(campaign=campaign, starts_at=start)
    found = api_of(lin).get(f"interviews/{interview.pk}/suggestions/").json()
    assert [one["id"] for one in found] == [zhao.pk, wu.pk]
    assert [one["is_free"] for one in found] == [True, False]


def test_a_coordinator_looks_up_how_to_reach_the_people_of_an_interview(
    lin: User, wu: User, campaign: Campaign
) -> None:
    wu.email = "wu@example.com"
    wu.save()
    mobile_save(user=wu, mobile="139 0000 1234", language="en")
    interview = make_interview(campaign=campaign, interviewers=[wu])
    candidate = interview.application.candidate
    answer = api_of(lin).get(f"interviews/{interview.pk}/contacts/")
    assert answer.json() == {
        "candidate": {
            "id": candidate.pk,
            "name": candidate.name,
            "mobile": candidate.mobile,
            "email": candidate.email,
        },
        "interviewers": [
            {
                "id": wu.pk,
                "name": "吴磊",
                "mobile": "+8613900001234",
                "email": "wu@example.com",
            },
        ],
    }
    assert "no-store" in answer["Cache-Control"]


def test_looking_up_contacts_is_audited_once_a_day_for_each_person_and_candidate(
    lin: User, admin: User, wu: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    other = make_interview(campaign=campaign, interviewers=[wu])

    def look_up(by: User, one: Interview) -> None:
        assert api_of(by).get(f"interviews/{one.pk}/contacts/").status_code == 200

    midnight = datetime(2026, 11, 26, tzinfo=ZoneInfo("Asia/Shanghai"))  # of the site
    with frozen(midnight - timedelta(minutes=1)):
        for by, one in ((lin, interview), (lin, interview), (lin, other), (admin, interview)):
            look_up(by, one)
    with frozen(midnight + timedelta(minutes=1)):
        look_up(lin, interview)
    entries = AuditEntry.objects.filter(action="see_contacts").order_by("pk")
    first, second = (one.application.candidate_id for one in (interview, other))
    assert list(entries.values_list("actor", "label", "ids")) == [
        (lin.pk, "jobs.candidate", [first]),
        (lin.pk, "jobs.candidate", [second]),
        (admin.pk, "jobs.candidate", [first]),
        (lin.pk, "jobs.candidate", [first]),
    ]


def test_contacts_are_for_coordinators_of_the_campaign_alone(
    wu: User, chen: User, lin: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    for person in (wu, chen):
        assert api_of(person).get(f"interviews/{interview.pk}/").status_code in {200, 404}
        answer = api_of(person).get(f"interviews/{interview.pk}/contacts/")
        assert answer.status_code in {403, 404}
    assert api_of(wu).get(f"interviews/{interview.pk}/contacts/").status_code == 403
    elsewhere = make_interview(campaign=make_campaign(), interviewers=[wu])
    refused(api_of(lin).get(f"interviews/{elsewhere.pk}/contacts/"), 404)
    assert not AuditEntry.objects.filter(action="see_contacts").exists()


def test_interviewers_may_not_read_suggestions(wu: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    refused(api_of(wu).get(f"interviews/{interview.pk}/suggestions/"), 403)


def test_a_follow_up_names_its_coordinator_until_it_is_given_back(
    lin: User, wu: User, campaign: Campaign, clock: Clock
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    address = f"interviews/{interview.pk}/follow-up/"
    row = api_of(lin).post(address, {"flag": "unconfirmed", "snooze_minutes": 30}).json()
    assert row["follow_up"] == {
        "flag": "unconfirmed",
        "by_id": lin.pk,
        "by": "林岚",
        "snoozed_until": isoformat(clock.now() + timedelta(minutes=30)),
    }
    assert row["version"] == interview.version, "it is no step that others conflict with"
    row = api_of(lin).post(address, {"flag": "unconfirmed"}).json()
    assert row["follow_up"]["snoozed_until"] is None
    assert api_of(lin).post(address, {"flag": ""}).json()["follow_up"] is None


def test_a_follow_up_with_a_wrong_value_names_the_field_and_changes_nothing(
    lin: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign)
    address = f"interviews/{interview.pk}/follow-up/"
    for data, field in (
        ({}, "flag"),
        ({"flag": "hungry"}, "flag"),
        ({"flag": "late", "snooze_minutes": 0}, "snooze_minutes"),
        ({"flag": "late", "snooze_minutes": 1441}, "snooze_minutes"),
        ({"flag": "late", "by": 1}, "by"),
    ):
        answer = api_of(lin).post(address, data)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), data
    assert Interview.objects.get(pk=interview.pk).follow_up_by is None


def test_follow_ups_are_for_coordinators_of_the_campaign(
    wu: User, sun: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    for person, code in ((wu, 403), (sun, 404)):
        answer = api_of(person).post(f"interviews/{interview.pk}/follow-up/", {"flag": "late"})
        assert answer.status_code == code, person
