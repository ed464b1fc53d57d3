"""Who may see and do what: Lin in her campaign, Wu and Zhao in their interviews, others nowhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from rest_framework.exceptions import ValidationError as PayloadError

from interview.models import Interview, InterviewEvent
from interview.rules.permissions import may_read_scorecard_content
from interview.services.actions import allowed, perform
from realtime.log import topics
from tests.factories import (
    make_campaign,
    make_interview,
    make_member,
    make_scorecard,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(campaign, wu):
    """Wu's, in Lin's campaign."""
    return make_interview(campaign=campaign, interviewers=[wu])


def do(action: str, interview: Interview, by, **said) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return perform(
        action=action, interview_id=interview.pk, by=by, source="test",
        data={"version": version} | said,
    )  # fmt: skip


def test_everybody_sees_his_own_and_outsiders_see_nothing(
    interview, lin, wu, zhao, chen, sun, admin
):
    strange = make_interview()
    seen = {
        person.username: set(Interview.objects.visible_to(person))
        for person in (lin, wu, zhao, chen, sun, admin)
    }
    assert seen == {
        "lin": {interview},
        "wu": {interview},
        "zhao": set(),
        "chen": set(),
        "sun": set(),
        "admin": {interview, strange},
    }
    assert not Interview.objects.visible_to(AnonymousUser()).exists()


def test_one_who_was_dismissed_sees_nothing(interview, lin, wu):
    for person in (lin, wu):
        assert Interview.objects.visible_to(person).exists()
        person.is_active = False
        person.save()
        assert not Interview.objects.visible_to(person).exists()


def test_an_interviewer_in_two_ways_sees_an_interview_once(campaign, lin, interview):
    lin.groups.add(interview.assignments.get().interviewer.groups.get())
    make_member(campaign, interview.assignments.get().interviewer)
    assert list(Interview.objects.visible_to(interview.assignments.get().interviewer)) == [
        interview
    ]


@pytest.mark.parametrize("name", ["zhao", "chen", "sun"])
def test_for_outsiders_the_interview_does_not_exist(interview, request, name):
    outsider = request.getfixturevalue(name)
    with pytest.raises(Interview.DoesNotExist):
        do("confirm", interview, outsider)
    assert InterviewEvent.objects.filter(interview=interview).count() == 1


def test_lin_of_another_campaign_is_an_outsider(interview, lin):
    interview.campaign.members.all().delete()
    make_member(make_campaign(), lin)
    with pytest.raises(Interview.DoesNotExist):
        do("confirm", interview, lin)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("confirm", {}),
        ("check-in", {}),
        ("cancel", {"reason": "Ill", "side": "company"}),
        ("no-show", {"side": "candidate"}),
        ("reassign", {"reason": "Swap"}),
        ("undo", {}),
    ],
)
def test_what_only_a_coordinator_does_is_denied_to_the_interviewer(interview, wu, action, said):
    with pytest.raises(PermissionDenied):
        do(action, interview, wu, **said)


@pytest.mark.parametrize("action", ["accept", "decline", "running-late"])
def test_lin_does_not_answer_for_wu(interview, lin, action):
    with pytest.raises(PermissionDenied):
        do(action, interview, lin, reason="Ill", minutes=5)


def test_each_is_offered_what_he_may_do_now(interview, lin, wu, zhao):
    assert allowed(lin, interview) == [
        *("confirm", "excuse", "check-in", "start", "no-show", "cancel"),
        *("reschedule", "offer-times", "reassign"),
    ]
    assert allowed(wu, interview) == ["start", "accept", "decline", "running-late"]
    assert allowed(zhao, interview) == []


def test_nobody_completes_by_hand(interview, lin, admin):
    for person in (lin, admin):
        with pytest.raises(PermissionDenied):
            do("complete", interview, person)


@pytest.mark.parametrize(
    ("action", "said", "field"),
    [
        ("confirm", {"version": None}, "version"),
        ("confirm", {"version": "latest"}, "version"),
        ("cancel", {"side": "company"}, "reason"),
        ("cancel", {"reason": "Ill", "side": "nobody"}, "side"),
        ("no-show", {"side": "company"}, "side"),
        ("reschedule", {"starts_at": "soon", "ends_at": "later", "reason": "x"}, "starts_at"),
        ("reassign", {"add": [10**9], "reason": "x"}, "add"),
    ],
)
def test_a_payload_is_refused_by_field(interview, lin, action, said, field):
    with pytest.raises(PayloadError) as refused:
        do(action, interview, lin, **said)
    assert field in refused.value.detail


def test_boards_walls_and_pages_open_to_whom_they_are_for(campaign, lin, wu, sun, admin):
    screen = make_member(campaign, sun, role="wall").user
    board, wall = topics.board(campaign.slug), topics.wall(campaign.slug)
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
    assert not topics.may_watch(lin, topics.board("nowhere"))


class TestBlindUntilSubmitted:
    @pytest.fixture
    def judged(self, campaign, wu, zhao):
        """Zhao's scorecard is in, Wu's is not."""
        interview = make_interview(
            campaign=campaign, interviewers=[wu, zhao], status="feedback_due"
        )
        make_scorecard(interview=interview, interviewer=zhao)
        return interview

    def test_who_owes_a_scorecard_reads_no_others(self, judged, wu, zhao):
        assert not may_read_scorecard_content(wu, judged)
        assert may_read_scorecard_content(zhao, judged)

    def test_a_draft_does_not_open_the_others(self, judged, wu):
        make_scorecard(interview=judged, interviewer=wu, is_final=False)
        assert not may_read_scorecard_content(wu, Interview.objects.get(pk=judged.pk))

    def test_once_his_own_is_in_he_reads(self, judged, wu):
        make_scorecard(interview=judged, interviewer=wu)
        assert may_read_scorecard_content(wu, Interview.objects.get(pk=judged.pk))

    def test_lin_and_admin_read_and_strangers_do_not(self, judged, lin, admin, sun):
        assert may_read_scorecard_content(lin, judged)
        assert may_read_scorecard_content(admin, judged)
        assert not may_read_scorecard_content(sun, judged)

    def test_a_coordinator_who_interviews_is_blind_like_any_interviewer(self, judged, wu):
        make_member(judged.campaign, wu)
        assert not may_read_scorecard_content(wu, judged)

    def test_neither_board_nor_page_ever_holds_what_a_scorecard_says(self, judged, wu, lin):
        """The wire says how many are in; never a recommendation, a score or a text."""
        for topic in (topics.board(judged.campaign.slug), topics.person(wu.pk)):
            kind, name = topics.kind_of(topic)
            row = next(r for r in kind.all_rows(name) if r["key"] == f"interview:{judged.pk}")
            assert row["feedback"] == {"due": 2, "in": 1}
            text = str(row)
            for told in ("Explains well", "recommendation", "strong", "concerns", "'score'"):
                assert told not in text
