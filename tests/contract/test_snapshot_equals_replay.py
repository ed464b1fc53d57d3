"""For every service and topic, a live page ends up with what a reload would show."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview import services
from interview.live import notices as interview_notices
from interview.live import signals as interview_signals
from interview.live.signals import record_interviews
from interview.models import Interview, InterviewAssignment, Room
from interview.services.transitions import Actor
from jobs.candidates.services import candidate_update
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Campaign, Candidate, Job, PersonalSettings
from jobs.openings.services import campaign_update
from realtime.background import task_rows, task_runs
from realtime.log import topics
from realtime.log.reader import changes_after, render_changes, take_snapshot
from tests.factories import (
    make_candidate,
    make_interview,
    make_interviewer,
    make_notice,
    make_room,
    make_scorecard,
)
from tests.support.clients.replay import live_equals_fresh
from tests.support.product.day_topics import todays_board, todays_wall
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delays depend on the time, which must be the same for both renderings."""
    now = timezone.localtime().replace(hour=11, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


def act(interview: Interview, service: Callable[..., Any], by: User | None, **fields: Any) -> Any:
    version = Interview.objects.get(pk=interview.pk).version
    actor = Actor(user=by, source="test")
    return service(interview_id=interview.pk, version=version, actor=actor, **fields)


STEPS: dict[str, tuple[str, Callable[..., Any], dict[str, Any]]] = {
    "confirm": ("scheduled", services.interview_confirm, {}),
    "check in": ("confirmed", services.interview_check_in, {}),
    "start": ("arrived", services.interview_start, {}),
    "finish": ("in_progress", services.interview_finish, {}),
    "no-show": ("confirmed", services.interview_no_show, {"side": "candidate"}),
    "cancel": ("confirmed", services.interview_cancel, {"reason": "ill", "side": "candidate"}),
    "undo": ("arrived", services.interview_undo, {}),
    "accept": ("scheduled", services.interview_accept, {}),
    "decline": ("scheduled", services.interview_decline, {"reason": "flight"}),
    "running late": ("scheduled", services.interview_running_late, {"minutes": 15}),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_step_reaches_board_wall_and_interviewer(
    step: str, campaign: Campaign, wu: User
) -> None:
    status, service, fields = STEPS[step]
    interview = make_interview(campaign=campaign, interviewers=[wu], status=status)
    with live_equals_fresh(todays_board(campaign), todays_wall(campaign), topics.person(wu.pk)):
        act(interview, service, wu, **fields)


def test_a_follow_up_reaches_the_board(campaign: Campaign, lin: User) -> None:
    interview = make_interview(campaign=campaign)
    with live_equals_fresh(todays_board(campaign)):
        services.follow_up_save(interview_id=interview.pk, flag="late", by=lin)
    with live_equals_fresh(todays_board(campaign)):
        services.follow_up_end(interview_id=interview.pk, by=lin)


def test_a_new_interview_reaches_board_wall_and_interviewer(campaign: Campaign, wu: User) -> None:
    with live_equals_fresh(todays_board(campaign), todays_wall(campaign), topics.person(wu.pk)):
        make_interview(campaign=campaign, interviewers=[wu])


def test_a_rescheduled_interview_frees_the_room_it_leaves(
    interview: Interview, campaign: Campaign, wu: User
) -> None:
    """Both rooms, and the interview that followed it, show delays that depend on it."""
    elsewhere = make_room(campaign=campaign)
    make_interview(
        campaign=campaign, room=interview.room, starts_at=interview.ends_at, interviewers=[wu]
    )
    act(interview, services.interview_running_late, wu, minutes=45)
    with live_equals_fresh(todays_board(campaign), topics.person(wu.pk)):
        act(
            interview,
            services.interview_reschedule,
            None,
            starts_at=interview.starts_at + timedelta(minutes=5),
            ends_at=interview.ends_at + timedelta(minutes=5),
            room=elsewhere,
            reason="closer",
        )


def test_an_overrun_delays_the_interviews_that_follow_in_its_room(
    campaign: Campaign, wu: User
) -> None:
    first = make_interview(
        campaign=campaign, interviewers=[wu], starts_at=timezone.now() - timedelta(minutes=30)
    )
    following = make_interview(campaign=campaign, room=first.room, starts_at=first.ends_at)
    with live_equals_fresh(todays_board(campaign), todays_wall(campaign)):
        act(first, services.interview_start, wu)
    rows = {row["key"]: row for row in take_snapshot(todays_board(campaign)).rows}
    assert rows[f"interview:{following.pk}"]["expected_at"], "the premise: an interview is delayed"
    assert rows[f"room:{first.room_id}"]["delay_minutes"] == 30


def test_a_reassigned_interview_moves_from_one_interviewers_page_to_the_others(
    interview: Interview, campaign: Campaign, wu: User, zhao: User
) -> None:
    with live_equals_fresh(todays_board(campaign), topics.person(wu.pk), topics.person(zhao.pk)):
        act(
            interview,
            services.interview_reassign,
            None,
            remove=[wu],
            add=[zhao],
            reason="double-booked",
        )
    key = f"interview:{interview.pk}"
    keys = {row["key"] for row in take_snapshot(topics.person(wu.pk)).rows}
    assert key not in keys
    assert key in {row["key"] for row in take_snapshot(topics.person(zhao.pk)).rows}


def test_a_conflict_is_shown_on_both_interviews(campaign: Campaign, wu: User) -> None:
    first = make_interview(campaign=campaign, interviewers=[wu])
    second = make_interview(campaign=campaign, starts_at=first.starts_at)
    with live_equals_fresh(todays_board(campaign)):
        act(second, services.interview_reassign, None, add=[wu], reason="no other interviewer")
    rows = {row["key"]: row for row in take_snapshot(todays_board(campaign)).rows}
    assert "clash" in rows[f"interview:{first.pk}"]["flags"]


def test_a_shifted_room_and_its_undo_reach_the_board(
    interview: Interview, campaign: Campaign, wu: User, lin: User
) -> None:
    make_interview(
        campaign=campaign, room=interview.room, starts_at=interview.ends_at, interviewers=[wu]
    )
    actor = Actor(user=lin, source="test")
    everywhere = (
        todays_board(campaign),
        todays_wall(campaign),
        topics.person(wu.pk),
    )
    with live_equals_fresh(*everywhere):
        moved = services.room_shift(
            room=interview.room, minutes=20, from_=interview.starts_at, actor=actor
        )
        assert len(moved) == 2
    with live_equals_fresh(*everywhere):
        act(interview, services.interview_undo, lin)
    assert Interview.objects.get(pk=interview.pk).starts_at == interview.starts_at


def test_a_merged_candidates_kept_name_is_shown_at_once(
    interview: Interview, campaign: Campaign, wu: User, lin: User
) -> None:
    """The interview belongs to the entry whose name is not kept."""
    kept = make_candidate(name="欧阳娜", campaign=campaign)
    removed = interview.application.candidate
    records = records_of(Candidate.objects.filter(pk__in=[kept.pk, removed.pk]))
    with live_equals_fresh(todays_board(campaign), todays_wall(campaign), topics.person(wu.pk)):
        candidates_merge(
            kept=kept.pk,
            removed=removed.pk,
            fields_from_removed=["mobile"],
            shown=digest_of(records),
            by=lin,
        )
    rows = {row["key"]: row for row in take_snapshot(todays_board(campaign)).rows}
    assert rows[f"interview:{interview.pk}"]["candidate"] == "欧阳娜"


def test_scorecards_change_what_is_due_and_the_last_one_completes_the_interview(
    campaign: Campaign, wu: User
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    watched = todays_board(campaign), topics.person(wu.pk)
    with live_equals_fresh(*watched):
        make_scorecard(interview=interview, interviewer=wu, is_final=False)
    with live_equals_fresh(*watched):
        make_scorecard(interview=interview, interviewer=wu)
    assert Interview.objects.get(pk=interview.pk).status == "completed"


def test_a_card_follows_changes_to_the_names_it_shows(
    interview: Interview, campaign: Campaign, wu: User
) -> None:
    """The card shows names of candidate, job, room and interviewer that change elsewhere."""
    board, own = todays_board(campaign), topics.person(wu.pk)
    candidate: Candidate = interview.application.candidate
    job: Job = interview.application.job
    room: Room = interview.room
    with live_equals_fresh(board, own, todays_wall(campaign)):
        candidate_update(candidate=candidate, name="欧阳娜")
    with live_equals_fresh(board, own):
        job.title = "Staff engineer"
        job.save()
    with live_equals_fresh(board, own):
        room.name = "B-999"
        services.room_save(room=room)
    with live_equals_fresh(board, own):
        wu.first_name = "超"
        wu.save()


def test_a_card_and_a_notice_follow_the_campaign_into_another_time_zone(
    interview: Interview, campaign: Campaign, wu: User
) -> None:
    """Day, counters and times are in the campaign's own time zone."""
    make_notice(interview=interview, recipient=wu)
    watched = todays_board(campaign), todays_wall(campaign), topics.person(wu.pk)
    with live_equals_fresh(*watched):
        campaign_update(campaign=campaign, time_zone="Pacific/Auckland")
    publish_all()
    campaign_update(campaign=campaign, name="Autumn")
    assert publish_all() == [], "a campaign's name is not shown on any card"


def test_old_notices_are_shown_in_the_newly_chosen_language(interview: Interview, wu: User) -> None:
    make_notice(interview=interview, recipient=wu)
    with live_equals_fresh(topics.person(wu.pk)):
        PersonalSettings.objects.update_or_create(user=wu, defaults={"language": "en"})


def test_old_notices_are_shown_in_the_newly_chosen_time_zone(
    interview: Interview, wu: User
) -> None:
    make_notice(interview=interview, recipient=wu)
    with live_equals_fresh(topics.person(wu.pk)):
        services.notice_settings_save(
            user=wu, time_zone="Europe/Berlin", quiet_from=None, quiet_until=None, mailed=[]
        )


def test_a_rounds_criteria_are_shown_to_its_interviewers(
    interview: Interview, campaign: Campaign, wu: User
) -> None:
    criterion = interview.round.criteria.first()
    assert criterion is not None
    criterion.name = "Breadth"
    with live_equals_fresh(topics.person(wu.pk)):
        criterion.save()


def test_a_sign_in_publishes_no_change(interview: Interview, campaign: Campaign, wu: User) -> None:
    publish_all()
    wu.last_login = timezone.now()
    wu.save(update_fields=["last_login"])
    assert publish_all() == []


def test_notices_arrive_and_are_read_everywhere(interview: Interview, wu: User) -> None:
    with live_equals_fresh(topics.person(wu.pk)):
        make_notice(interview=interview, recipient=wu)
    with live_equals_fresh(topics.person(wu.pk)):
        assert services.notices_read(recipient=wu) > 0


def test_a_task_run_is_shown_to_its_owner_and_to_operations(lin: User) -> None:
    watched = topics.tasks(), topics.tasks(lin.pk), topics.person(lin.pk)
    with live_equals_fresh(*watched):
        run = task_runs.task_run_create(name="import", title="spring.csv", owner=lin, total=10)
    with live_equals_fresh(*watched):
        task_runs.mark_started(run)
    with live_equals_fresh(*watched):
        task_runs.mark_succeeded(run, message="10 candidates")


def test_a_full_list_of_task_runs_drops_its_oldest(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open page must show as many as a page opened now, also after one is removed."""
    monkeypatch.setattr(task_rows, "RUNS_SHOWN", 2)
    watched = topics.tasks(), topics.tasks(lin.pk), topics.person(lin.pk)
    for title in ("first", "second"):
        task_runs.task_run_create(name="import", title=title, owner=lin)
    with live_equals_fresh(*watched):
        newest = task_runs.task_run_create(name="import", title="third", owner=lin)
    assert len(take_snapshot(topics.tasks()).rows) == 2
    with live_equals_fresh(*watched):
        newest.delete()


def test_a_full_list_of_notices_drops_its_oldest(
    interview: Interview, wu: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (interview_signals, interview_notices):
        monkeypatch.setattr(module, "NOTICE_LIST_SIZE", 2)
    notices = [make_notice(interview=interview, recipient=wu) for _ in range(2)]
    with live_equals_fresh(topics.person(wu.pk)):
        make_notice(interview=interview, recipient=wu)
    with live_equals_fresh(topics.person(wu.pk)):
        notices[1].delete()


def test_a_restarted_task_run_has_no_estimate_from_its_first_attempt(lin: User) -> None:
    """A stored row must hold no estimate, because it depends on the time."""
    run = task_runs.task_run_create(name="import", title="spring.csv", owner=lin, total=10)
    task_runs.mark_started(run)
    run.done = 7
    task_runs.mark_interrupted(run, message="The disk is full")
    with live_equals_fresh(topics.tasks()):
        task_runs.mark_started(run)
    [row] = take_snapshot(topics.tasks()).rows
    assert (row["state"], row["done"], row["eta_seconds"]) == ("running", 7, None)


def test_a_deleted_interview_leaves_every_list(interview: Interview, campaign: Campaign) -> None:
    extra = make_interviewer()
    act(interview, services.interview_reassign, None, add=[extra], reason="more")
    with live_equals_fresh(todays_board(campaign), todays_wall(campaign), topics.person(extra.pk)):
        interview.delete()


def test_an_assignment_deleted_without_a_service_disappears_from_the_page_too(
    interview: Interview, wu: User
) -> None:
    """The signal of the deleted assignment is enough."""
    with live_equals_fresh(topics.person(wu.pk)):
        InterviewAssignment.objects.get(interview=interview, interviewer=wu).delete()


def test_a_change_that_is_rolled_back_leaves_no_marker(interview: Interview) -> None:
    publish_all()
    with pytest.raises(Interview.DoesNotExist):
        services.interview_confirm(interview_id=0, version=1, actor=Actor(user=None, source="test"))
    with pytest.raises(services.StaleVersion):
        act_with_a_stale_version(interview)
    assert publish_all() == []


def act_with_a_stale_version(interview: Interview) -> None:
    services.interview_confirm(
        interview_id=interview.pk, version=99, actor=Actor(user=None, source="test")
    )


def test_changes_of_two_campaigns_at_once_stay_on_their_own_boards(
    campaign: Campaign, interview: Interview
) -> None:
    """Changes recorded together must not be shown together."""
    foreign = make_interview()
    key = f"room:{foreign.room_id}"
    with live_equals_fresh(todays_board(campaign), todays_board(foreign.campaign)):
        record_interviews([interview, foreign])
    batches = [changes_after(todays_board(campaign), 0)]
    assert [batch for batch in batches if batch and key in batch.changes] == []


def test_a_board_renders_no_room_of_another_campaign(campaign: Campaign) -> None:
    """Even if a change is recorded for the wrong board, its row is not shown."""
    foreign = make_room()
    board = todays_board(campaign)
    [change] = render_changes({board: [f"room:{foreign.pk}"]})[board].values()
    assert json.loads(change)["row"] is None
