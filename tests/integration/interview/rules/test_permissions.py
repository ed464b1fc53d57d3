"""Permissions: Lin in her campaign, Wu and Zhao in their interviews, other people nowhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from rest_framework.exceptions import ValidationError as PayloadError

from interview.live.topics import board_rows, person_rows
from interview.models import Interview, InterviewEvent
from interview.rules.permissions import may_read_scorecard_content
from interview.services.actions import allowed, perform
from jobs.models import Campaign
from realtime.log import topics
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
    make_scorecard,
)
from tests.people import signed_in
from tests.support.clients.api import api_of
from tests.support.product.day_topics import todays_board, todays_name, todays_wall

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(campaign, wu):
    """An interview of Wu's in Lin's campaign."""
    return make_interview(campaign=campaign, interviewers=[wu])


def act(action: str, interview: Interview, by, **fields) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return perform(
        action=action, interview_id=interview.pk, by=by, source="test",
        data={"version": version} | fields,
    )  # fmt: skip


def test_people_see_only_interviews_they_coordinate_or_conduct(
    interview, lin, wu, zhao, chen, sun, admin
):
    foreign = make_interview()
    visible = {
        person.username: set(Interview.objects.visible_to(person))
        for person in (lin, wu, zhao, chen, sun, admin)
    }
    assert visible == {
        "lin": {interview},
        "wu": {interview},
        "zhao": set(),
        "chen": set(),
        "sun": set(),
        "admin": {interview, foreign},
    }
    assert not Interview.objects.visible_to(AnonymousUser()).exists()


def test_a_deactivated_user_sees_no_interviews(interview, lin, wu):
    for person in (lin, wu):
        assert Interview.objects.visible_to(person).exists()
        person.is_active = False
        person.save()
        assert not Interview.objects.visible_to(person).exists()


def test_a_coordinator_who_is_also_the_interviewer_sees_an_interview_once(campaign, lin, interview):
    lin.groups.add(interview.assignments.get().interviewer.groups.get())
    make_member(campaign, interview.assignments.get().interviewer)
    assert list(Interview.objects.visible_to(interview.assignments.get().interviewer)) == [
        interview
    ]


@pytest.mark.parametrize("name", ["zhao", "chen", "sun"])
def test_an_interview_is_not_found_by_outsiders(interview, request, name):
    outsider = request.getfixturevalue(name)
    with pytest.raises(Interview.DoesNotExist):
        act("confirm", interview, outsider)
    assert InterviewEvent.objects.filter(interview=interview).count() == 1


def test_an_interview_is_not_found_by_coordinators_of_other_campaigns(interview, lin):
    interview.campaign.members.all().delete()
    make_member(make_campaign(), lin)
    with pytest.raises(Interview.DoesNotExist):
        act("confirm", interview, lin)


COORDINATORS_ACTIONS = [
    ("confirm", {}),
    ("check-in", {}),
    ("cancel", {"reason": "Ill", "side": "company"}),
    ("no-show", {"side": "candidate"}),
    ("reassign", {"reason": "Swap"}),
    ("undo", {}),
]


def test_interviewers_may_not_perform_coordinators_actions(subtests, interview, wu):
    for action, fields in COORDINATORS_ACTIONS:
        with subtests.test(action=action, fields=fields), pytest.raises(PermissionDenied):
            act(action, interview, wu, **fields)


@pytest.mark.parametrize("action", ["accept", "decline", "running-late"])
def test_coordinators_may_not_answer_for_an_interviewer(interview, lin, action):
    with pytest.raises(PermissionDenied):
        act(action, interview, lin, reason="Ill", minutes=5)


def test_people_are_offered_only_actions_they_may_perform_now(interview, lin, wu, zhao):
    assert allowed(lin, interview) == [
        *("confirm", "excuse", "check-in", "start", "no-show", "cancel"),
        *("reschedule", "offer-times", "reassign"),
    ]
    assert allowed(wu, interview) == ["start", "accept", "decline", "running-late"]
    assert allowed(zhao, interview) == []


def test_nobody_may_complete_an_interview_by_hand(interview, lin, admin):
    for person in (lin, admin):
        with pytest.raises(PermissionDenied):
            act("complete", interview, person)


INVALID_FIELDS = [
    ("confirm", {"version": None}, "version"),
    ("confirm", {"version": "latest"}, "version"),
    ("cancel", {"side": "company"}, "reason"),
    ("cancel", {"reason": "Ill", "side": "nobody"}, "side"),
    ("no-show", {"side": "company"}, "side"),
    ("reschedule", {"starts_at": "soon", "ends_at": "later", "reason": "x"}, "starts_at"),
    ("reassign", {"add": [10**9], "reason": "x"}, "add"),
]


def test_an_invalid_field_of_an_action_is_reported_by_name(subtests, interview, lin):
    for action, fields, field in INVALID_FIELDS:
        with subtests.test(action=action, fields=fields, field=field):
            with pytest.raises(PayloadError) as refused:
                act(action, interview, lin, **fields)
            assert field in refused.value.detail


def test_boards_walls_and_interviewer_pages_are_shown_only_to_their_viewers(
    campaign, lin, wu, sun, admin
):
    screen = make_member(campaign, sun, role="wall").user
    board, wall = todays_board(campaign), todays_wall(campaign)
    assert [topics.may_watch(one, board) for one in (lin, admin, wu, screen)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [topics.may_watch(one, wall) for one in (lin, admin, wu, screen)] == [
        True, True, False, True,
    ]  # fmt: skip
    assert topics.may_watch(wu, topics.person(wu.pk))
    assert not topics.may_watch(lin, topics.person(wu.pk))
    assert not topics.may_watch(admin, topics.person(wu.pk))
    assert not topics.may_watch(AnonymousUser(), board)
    assert not topics.may_watch(lin, "board.nowhere.2026-11-29")


class TestBlindUntilSubmitted:
    @pytest.fixture
    def interview(self, campaign, wu, zhao):
        """Zhao's scorecard is submitted, Wu's is not."""
        interview = make_interview(
            campaign=campaign, interviewers=[wu, zhao], status="feedback_due"
        )
        make_scorecard(interview=interview, interviewer=zhao)
        return interview

    def test_an_interviewer_with_a_due_scorecard_cannot_read_the_others(self, interview, wu, zhao):
        assert not may_read_scorecard_content(wu, interview)
        assert may_read_scorecard_content(zhao, interview)

    def test_a_draft_does_not_reveal_the_other_scorecards(self, interview, wu):
        make_scorecard(interview=interview, interviewer=wu, is_final=False)
        assert not may_read_scorecard_content(wu, Interview.objects.get(pk=interview.pk))

    def test_after_submitting_an_interviewer_can_read_the_others(self, interview, wu):
        make_scorecard(interview=interview, interviewer=wu)
        assert may_read_scorecard_content(wu, Interview.objects.get(pk=interview.pk))

    def test_coordinators_and_admins_can_read_scorecards_and_outsiders_cannot(
        self, interview, lin, admin, sun
    ):
        assert may_read_scorecard_content(lin, interview)
        assert may_read_scorecard_content(admin, interview)
        assert not may_read_scorecard_content(sun, interview)

    def test_a_coordinator_who_interviews_must_submit_before_reading_the_others(
        self, interview, wu
    ):
        make_member(interview.campaign, wu)
        assert not may_read_scorecard_content(wu, interview)

    def test_live_rows_contain_no_scorecard_contents(self, interview, wu, lin):
        """Rows contain how many are submitted, never a recommendation, a score or a text."""
        for topic in (todays_board(interview.campaign), topics.person(wu.pk)):
            kind, name = topics.kind_of(topic)
            row = next(r for r in kind.all_rows(name) if r["key"] == f"interview:{interview.pk}")
            assert row["feedback"] == {"due": 2, "in": 1}
            text = str(row)
            for secret in ("Explains well", "recommendation", "strong", "concerns", "'score'"):
                assert secret not in text


def test_an_interviewer_who_declined_no_longer_reads_the_interview(
    campaign: Campaign, lin: User, wu: User, zhao: User
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao])
    candidate, key = interview.application.candidate, f"interview:{interview.pk}"

    def paths_of(person: User) -> dict[str, bool]:
        client = signed_in(Client(), person)
        api = api_of(person)
        admin_page = reverse("admin:jobs_candidate_change", args=[candidate.pk])
        return {
            "topic": key in {row["key"] for row in person_rows(str(person.pk))},
            "page": client.get(reverse("interview", args=[interview.pk])).status_code == 200,
            "scorecard": client.get(reverse("scorecard", args=[interview.pk])).status_code == 200,
            "API": api.get(f"interviews/{interview.pk}/").status_code == 200,
            "API list": bool(api.get("interviews/").json()["results"]),
            "admin": client.get(admin_page).status_code == 200,
        }

    before = paths_of(wu)
    assert all(before.values()), before
    assert candidate.name in api_of(wu).get("notices/").content.decode()
    answer = api_of(wu).post(
        f"interviews/{interview.pk}/decline/", {"version": interview.version, "reason": "Ill"}
    )
    assert answer.status_code == 200
    after = paths_of(wu)
    assert not any(after.values()), after
    assert all(paths_of(zhao).values())
    for text in (
        signed_in(Client(), wu).get(reverse("me")).content.decode(),
        api_of(wu).get("notices/").content.decode(),
        str(list(person_rows(str(wu.pk)))),
    ):
        assert candidate.name not in text, "earlier notices name nobody any more"
    assert api_of(lin).get(f"interviews/{interview.pk}/").status_code == 200


def test_declining_on_the_page_leads_to_the_own_interviews(campaign: Campaign, wu: User) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    answer = signed_in(Client(), wu).post(
        reverse("interview_action", args=[interview.pk, "decline"]),
        {"version": interview.version, "reason": "Ill"},
    )
    assert answer["Location"] == reverse("me")


def test_only_coordinators_get_digits_of_the_candidates_number(
    campaign: Campaign, lin: User, wu: User
) -> None:
    candidate = make_candidate(campaign=campaign, name="李小龙", mobile="+8618800004321")
    application = make_application(candidate=candidate, job=make_job(campaign=campaign))
    interview = make_interview(application=application, interviewers=[wu])
    (board,) = [row for row in board_rows(todays_name(campaign)) if row["kind"] == "interview"]
    assert board["search"] == "李小龙 lixiaolong lxl 4321"
    (own,) = [row for row in person_rows(str(wu.pk)) if row["kind"] == "interview"]
    assert own["search"] == "李小龙 lixiaolong lxl"
    for path in ("interviews/", f"interviews/{interview.pk}/"):
        assert "4321" not in api_of(wu).get(path).content.decode()
