"""The actions of an interview in the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from interview.live.rows import current_row
from interview.models import Interview, InterviewEvent, Notification
from interview.services.actions import ACTIONS
from jobs.models import Campaign
from realtime.models import Change
from tests.factories import make_interview
from tests.support.clients.api import api_of, refused, state_of

WATCHED = (Interview, InterviewEvent, Notification, Change)
START = "2036-11-22T10:00:00+08:00"
END = "2036-11-22T11:00:00+08:00"
MOVE = {"starts_at": START, "ends_at": END, "reason": "The room is being painted"}


def fields_of(name: str, zhao: User) -> dict[str, Any]:
    """The valid fields of an action besides the version."""
    return {
        "no-show": {"side": "candidate"},
        "cancel": {"reason": "Withdrawn", "side": "candidate"},
        "reschedule": MOVE,
        "reassign": {"add": [zhao.pk], "reason": "A second interviewer is needed"},
        "decline": {"reason": "On leave"},
        "offer-times": {"starts": ["2031-11-26T10:00:00+08:00"]},
        "excuse": {"reason": "Exam that day"},
        "running-late": {"minutes": 10},
    }.get(name, {})


FOR_COORDINATORS = [
    ("confirm", "scheduled", "confirmed"),
    ("excuse", "confirmed", "scheduled"),
    ("check-in", "confirmed", "arrived"),
    ("report-missing", "arrived", "arrived"),
    ("start", "arrived", "in_progress"),
    ("finish", "in_progress", "feedback_due"),
    ("no-show", "scheduled", "no_show"),
    ("cancel", "confirmed", "cancelled"),
    ("reschedule", "scheduled", "scheduled"),
    ("offer-times", "confirmed", "confirmed"),
    ("reassign", "scheduled", "scheduled"),
    ("undo", "confirmed", "scheduled"),
]
FOR_INTERVIEWERS = [
    ("accept", "scheduled", "scheduled"),
    ("decline", "scheduled", "scheduled"),
    ("running-late", "confirmed", "confirmed"),
    ("start", "arrived", "in_progress"),
    ("finish", "in_progress", "feedback_due"),
    ("not-attended", "feedback_due", "feedback_due"),
]


def test_every_action_is_tested_here() -> None:
    assert {name for name, _, _ in FOR_COORDINATORS + FOR_INTERVIEWERS} == ACTIONS.keys()


@pytest.mark.parametrize(("name", "before", "after"), FOR_COORDINATORS)
def test_a_coordinator_performs_an_action_and_gets_the_updated_row(
    name: str, before: str, after: str, lin: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, status=before)
    entries = fields_of(name, zhao) | {"version": interview.version}
    response = api_of(lin).post(f"interviews/{interview.pk}/{name}/", entries)
    assert response.status_code == 200, response.content
    told = {"told": []} if name == "undo" else {}
    assert response.json() == current_row(interview) | told
    assert response.json()["status"] == after
    assert response.json()["version"] == interview.version + 1
    event = InterviewEvent.objects.filter(interview=interview).latest("pk")
    assert (event.by, event.source) == (lin, "api")


@pytest.mark.parametrize(("name", "before", "after"), FOR_INTERVIEWERS)
def test_an_interviewer_performs_their_actions(
    name: str, before: str, after: str, wu: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu], status=before)
    entries = fields_of(name, zhao) | {"version": interview.version}
    response = api_of(wu).post(f"interviews/{interview.pk}/{name}/", entries)
    assert response.status_code == 200, response.content
    assert response.json()["status"] == after


def test_actions_accept_only_post(subtests: pytest.Subtests, lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    before = state_of(*WATCHED)
    api = api_of(lin)
    for name in ACTIONS:
        with subtests.test(name=name):
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                refused(api.ask(method, f"interviews/{interview.pk}/{name}/"), 405)
            assert state_of(*WATCHED) == before


def test_outsiders_cannot_find_an_interview_to_act_on(
    subtests: pytest.Subtests, sun: User, wu: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[zhao])
    before = state_of(*WATCHED)
    callers = [(api_of(sun), 404), (api_of(wu), 404), (api_of(None), 401)]
    for name in ACTIONS:
        with subtests.test(name=name):
            entries = fields_of(name, zhao) | {"version": 1}
            for api, status in callers:
                refused(api.post(f"interviews/{interview.pk}/{name}/", entries), status)
            assert state_of(*WATCHED) == before


def test_an_interviewer_may_not_perform_coordinators_actions(
    subtests: pytest.Subtests, wu: User, zhao: User, campaign: Campaign
) -> None:
    api = api_of(wu)
    interview = make_interview(campaign=campaign, interviewers=[wu])
    before = state_of(*WATCHED)
    for name in sorted(ACTIONS.keys() - {n for n, _, _ in FOR_INTERVIEWERS}):
        with subtests.test(name=name):
            entries = fields_of(name, zhao) | {"version": 1}
            refused(api.post(f"interviews/{interview.pk}/{name}/", entries), 403)
            assert state_of(*WATCHED) == before


ANSWERS = ["accept", "decline", "running-late"]


def test_a_coordinator_may_not_answer_for_an_interviewer(
    subtests: pytest.Subtests, lin: User, zhao: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    interview = make_interview(campaign=campaign)
    for name in ANSWERS:
        with subtests.test(name=name):
            entries = fields_of(name, zhao) | {"version": 1}
            refused(api.post(f"interviews/{interview.pk}/{name}/", entries), 403)


def test_a_stale_version_is_refused_with_the_current_row(
    subtests: pytest.Subtests, lin: User, wu: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu], status="confirmed")
    before = state_of(*WATCHED)
    coordinator, interviewer = api_of(lin), api_of(wu)
    for name in ACTIONS:
        with subtests.test(name=name):
            for_interviewers = name in {"accept", "decline", "running-late", "not-attended"}
            api = interviewer if for_interviewers else coordinator
            entries = fields_of(name, zhao) | {"version": interview.version - 1}
            response = api.post(f"interviews/{interview.pk}/{name}/", entries)
            assert refused(response, 409).keys() == {"version"}
            assert response.json()["current"] == current_row(interview)
            assert state_of(*WATCHED) == before


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("finish", "scheduled"),
        ("confirm", "arrived"),
        ("check-in", "in_progress"),
        ("cancel", "completed"),
        ("start", "cancelled"),
        ("reschedule", "no_show"),
        ("undo", "completed"),
    ],
)
def test_an_action_the_status_does_not_allow_is_refused_at_the_status(
    name: str, status: str, lin: User, zhao: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, status=status)
    before = state_of(*WATCHED)
    entries = fields_of(name, zhao) | {"version": interview.version}
    response = api_of(lin).post(f"interviews/{interview.pk}/{name}/", entries)
    assert refused(response).keys() == {"status"}
    assert state_of(*WATCHED) == before


UNKNOWN_ACTIONS = ["explode", "complete", "create", "check_in"]


def test_an_unknown_action_is_not_found(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    interview = make_interview(campaign=campaign)
    before = state_of(*WATCHED)
    for name in UNKNOWN_ACTIONS:
        with subtests.test(name=name):
            response = api.post(f"interviews/{interview.pk}/{name}/", {"version": 1})
            assert refused(response, 404).keys() == {"action"}
            assert state_of(*WATCHED) == before


INVALID_VALUES = [
    ("confirm", {}, "version"),
    ("confirm", {"version": "one"}, "version"),
    ("confirm", {"version": True}, "version"),
    ("confirm", {"version": None}, "version"),
    ("confirm", {"version": [1]}, "version"),
    ("no-show", {"version": 1, "side": "company"}, "side"),
    ("cancel", {"version": 1, "side": "candidate", "reason": " "}, "reason"),
    ("cancel", {"version": 1, "side": "candidate", "reason": "x" * 301}, "reason"),
    ("cancel", {"version": 1, "side": 7, "reason": "x"}, "side"),
    ("reschedule", MOVE | {"version": 1, "ends_at": START}, "ends_at"),
    ("reschedule", MOVE | {"version": 1, "starts_at": "soon"}, "starts_at"),
    ("reschedule", MOVE | {"version": 1, "starts_at": "0001-01-01T00:00Z"}, "starts_at"),
    ("reschedule", MOVE | {"version": 1, "room": 10**30}, "room"),
    ("reschedule", MOVE | {"version": 1, "room": "A-1"}, "room"),
    ("reassign", {"version": 1, "add": [10**12], "reason": "x"}, "add"),
    ("reassign", {"version": 1, "remove": "everybody", "reason": "x"}, "remove"),
]


def test_an_invalid_value_is_refused_at_its_field(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    api = api_of(lin)
    interview = make_interview(campaign=campaign)
    before = state_of(*WATCHED)
    for name, entries, field in INVALID_VALUES:
        with subtests.test(name=name, entries=entries, field=field):
            response = api.post(f"interviews/{interview.pk}/{name}/", entries)
            assert refused(response).keys() == {field}
            assert state_of(*WATCHED) == before


INVALID_DELAYS = [-1, 121, "many", 1.5, None]


def test_an_invalid_delay_is_refused(
    subtests: pytest.Subtests, wu: User, campaign: Campaign
) -> None:
    api = api_of(wu)
    interview = make_interview(campaign=campaign, interviewers=[wu])
    for minutes in INVALID_DELAYS:
        with subtests.test(minutes=minutes):
            entries = {"version": 1, "minutes": minutes}
            response = api.post(f"interviews/{interview.pk}/running-late/", entries)
            assert refused(response).keys() == {"minutes"}
