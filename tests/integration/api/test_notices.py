"""A user's own notices in the API."""

import pytest
from django.contrib.auth.models import User

from interview.models import Interview, Notification
from jobs.models import Campaign
from realtime.models import Change
from tests.factories import make_interview, make_notice
from tests.support.clients.api import api_of, queries_of, refused, state_of

WATCHED = (Notification, Change)


@pytest.fixture
def interview(campaign: Campaign) -> Interview:
    return make_interview(campaign=campaign)


def test_users_read_only_their_own_notices(wu: User, zhao: User, interview: Interview) -> None:
    notice = make_notice(interview=interview, recipient=wu)
    make_notice(interview=interview, recipient=zhao)
    [row] = api_of(wu).get("notices/").json()["results"]
    assert (row["key"], row["kind"]) == (f"notice:{notice.pk}", "notice")
    assert (row["event"], row["read"]) == ("reminder", False)
    assert row["url"] == f"/interviews/{interview.pk}/"
    assert row["text"]


def test_given_notices_are_marked_as_read(wu: User, interview: Interview) -> None:
    first, second = (make_notice(interview=interview, recipient=wu) for _ in range(2))
    api = api_of(wu)
    assert api.post("notices/read/", {"ids": [first.pk, first.pk]}).json() == {"read": 1}
    assert [row["id"] for row in api.get("notices/", unread="true").json()["results"]] == [
        second.pk
    ]
    assert [row["id"] for row in api.get("notices/", unread="false").json()["results"]] == [
        first.pk
    ]


def test_without_ids_all_notices_are_marked_as_read(wu: User, interview: Interview) -> None:
    for _ in range(2):
        make_notice(interview=interview, recipient=wu)
    api = api_of(wu)
    assert api.post("notices/read/").json() == {"read": 2}
    assert api.post("notices/read/").json() == {"read": 0}


def test_notices_of_others_cannot_be_marked_as_read(
    wu: User, zhao: User, interview: Interview
) -> None:
    notice = make_notice(interview=interview, recipient=zhao)
    before = state_of(*WATCHED)
    assert api_of(wu).post("notices/read/", {"ids": [notice.pk]}).json() == {"read": 0}
    refused(api_of(None).post("notices/read/"), 401)
    refused(api_of(wu).get("notices/read/"), 405)
    assert state_of(*WATCHED) == before


INVALID_IDS = ["all", ["one"], [None], [10**30], [True], list(range(501)), None]


def test_invalid_ids_are_refused(subtests: pytest.Subtests, wu: User, interview: Interview) -> None:
    api = api_of(wu)
    make_notice(interview=interview, recipient=wu)
    before = state_of(*WATCHED)
    for ids in INVALID_IDS:
        with subtests.test(ids=ids):
            assert refused(api.post("notices/read/", {"ids": ids})).keys() == {"ids"}
            assert state_of(*WATCHED) == before


def test_a_page_of_notices_needs_the_same_queries_at_any_length(
    wu: User, campaign: Campaign
) -> None:
    api = api_of(wu)
    for _ in range(3):
        make_notice(interview=make_interview(campaign=campaign), recipient=wu)
    few = queries_of(api, "notices/")
    for _ in range(3):
        make_notice(interview=make_interview(campaign=campaign), recipient=wu)
    assert queries_of(api, "notices/") == few
