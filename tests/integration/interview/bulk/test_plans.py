"""Bulk plans: propose, adjust, schedule through a worker, cancel."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview import services
from interview.bulk import plans, start
from interview.bulk.execute import Outcome, bulk_line_apply, bulk_line_take_back
from interview.bulk.validation import find_line_conflicts
from interview.models import BulkLine, BulkPlan, Interview, Notification
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Candidate
from realtime.background import task_runs
from realtime.models import TaskRun
from tests.factories import (
    bring_to,
    make_application,
    make_bulk_plan,
    make_campaign,
    make_interview,
    make_interviewer,
    make_job,
    make_room,
)
from tests.support.clients.api import state_of
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db
NINE = datetime(2030, 3, 4, 1, tzinfo=UTC)  # in Beijing
SLOT = timedelta(minutes=45)
WATCHED = (BulkPlan, BulkLine, Interview, TaskRun)


@pytest.fixture
def rooms(campaign):
    return [make_room(campaign=campaign) for _ in range(2)]


@pytest.fixture
def make_plan(campaign, lin, wu, zhao, rooms):
    job = make_job(campaign=campaign)

    def make(number: int = 4, **changed) -> BulkPlan:
        if "applications" not in changed:
            changed["applications"] = [make_application(job=job) for _ in range(number)]
        given = {"rooms": rooms, "interviewers": [wu, zhao]} | changed
        return make_bulk_plan(campaign=campaign, owner=lin, **given)

    return make


def lines_of(plan: BulkPlan) -> list[BulkLine]:
    return list(plan.lines.select_related("application", "interview", "room"))


def change(line: BulkLine, **changed) -> BulkLine:
    version = BulkPlan.objects.get(pk=line.plan_id).version
    return plans.bulk_line_change(plan_id=line.plan_id, version=version, line_id=line.pk, **changed)


def propose_again(plan: BulkPlan) -> None:
    plans.bulk_plan_propose(plan_id=plan.pk, version=BulkPlan.objects.get(pk=plan.pk).version)


def apply_all(plan: BulkPlan, by) -> list[Outcome]:
    return [bulk_line_apply(line_id=line.pk, by=by) for line in lines_of(plan)]


def test_a_proposal_avoids_what_is_booked_already(make_plan, rooms, wu, zhao, campaign):
    make_interview(room=rooms[0], starts_at=NINE, interviewers=[make_interviewer()])
    elsewhere = make_campaign()
    make_interview(campaign=elsewhere, starts_at=NINE + timedelta(minutes=40), interviewers=[wu])
    first = lines_of(make_plan())[0]
    assert (first.room_id, first.starts_at) == (rooms[1].pk, NINE + timedelta(minutes=55)) or (
        first.interviewers == [zhao.pk]
    )
    assert (first.room_id, first.interviewers) == (rooms[1].pk, [zhao.pk])


def test_a_proposal_has_no_conflicts(make_plan, lin):
    plan = make_plan(6)
    conflicts = find_line_conflicts(plan, lines_of(plan))
    assert len(conflicts) == 6
    assert not any(one.conflicts or one.has_passed for one in conflicts.values())
    assert apply_all(plan, lin) == [Outcome.DONE] * 6


def test_an_application_without_a_slot_shows_the_reason(make_plan):
    plan = make_plan(9)  # two rooms, three times
    assert [line.problem for line in lines_of(plan)] == [""] * 6 + ["rooms_taken"] * 3


def test_past_times_are_not_proposed(make_plan):
    plan = make_plan(days=[date(2020, 3, 4)])
    assert {line.problem for line in lines_of(plan)} == {"no_times"}


def test_a_locked_line_stays_when_the_rest_is_proposed_again(make_plan, rooms):
    plan = make_plan(4)
    last = lines_of(plan)[-1]
    at_eleven = NINE + timedelta(hours=2)
    change(last, starts_at=at_eleven, room=rooms[1])
    propose_again(plan)
    lines = lines_of(plan)
    assert (lines[-1].starts_at, lines[-1].room_id, lines[-1].is_locked) == (
        at_eleven, rooms[1].pk, True,
    )  # fmt: skip
    assert all(line.is_placed for line in lines)
    conflicts = find_line_conflicts(plan, lines)
    assert not any(one.conflicts or one.has_passed for one in conflicts.values())


def test_excluding_a_line_frees_its_slot_for_others(make_plan):
    plan = make_plan(7)
    first = lines_of(plan)[0]
    change(first, is_left_out=True)
    propose_again(plan)
    lines = lines_of(plan)
    assert not lines[0].is_placed
    assert all(line.is_placed for line in lines[1:])


def test_a_later_booking_is_shown_as_a_conflict_and_refused_when_scheduled(
    make_plan, lin, wu, rooms
):
    plan = make_plan(2)
    occupied, other = lines_of(plan)
    make_interview(room=rooms[0], starts_at=occupied.starts_at, interviewers=[make_interviewer()])
    conflicts = find_line_conflicts(plan, [occupied, other])[occupied.pk]
    assert conflicts.obstacles({}) == ["This room is taken at that time."]
    assert apply_all(plan, lin) == [Outcome.REFUSED, Outcome.DONE]
    occupied.refresh_from_db()
    assert occupied.refusal == "This room is taken at that time."
    propose_again(plan)
    assert apply_all(plan, lin) == [Outcome.DONE, Outcome.ALREADY_DONE]


def test_a_reason_on_the_line_overrides_a_warning(make_plan, lin, wu):
    plan = make_plan(1)
    (line,) = lines_of(plan)
    change(line, interviewers=[wu])
    make_interview(starts_at=line.starts_at + SLOT, interviewers=[wu])
    assert apply_all(plan, lin) == [Outcome.REFUSED]
    change(line, override_reason="Urgent")
    assert apply_all(plan, lin) == [Outcome.DONE]
    line.refresh_from_db()
    assert line.interview.events.get().reason == "Urgent"


def test_a_candidate_is_not_scheduled_twice_at_the_same_time(make_plan, lin):
    plan = make_plan(1)
    (line,) = lines_of(plan)
    make_interview(
        application=line.application, starts_at=line.starts_at, interviewers=[make_interviewer()]
    )
    assert apply_all(plan, lin) == [Outcome.REFUSED]
    assert Interview.objects.count() == 1


def test_executing_a_line_again_creates_no_second_interview(make_plan, lin, wu):
    plan = make_plan(2)
    assert apply_all(plan, lin) == [Outcome.DONE] * 2
    assert apply_all(plan, lin) == [Outcome.ALREADY_DONE] * 2
    assert Interview.objects.count() == 2
    assert Notification.objects.filter(event="assigned").count() == 2
    event = Interview.objects.first().events.get()
    assert (event.by, event.source) == (lin, "bulk")


def test_an_interview_that_has_begun_is_not_cancelled(make_plan, lin):
    plan = make_plan(3)
    apply_all(plan, lin)
    lines = lines_of(plan)
    bring_to(lines[0].interview, "in_progress")
    outcomes = [bulk_line_take_back(line_id=line.pk, reason="Wrong week", by=lin) for line in lines]
    assert outcomes == [Outcome.REFUSED, Outcome.DONE, Outcome.DONE]
    statuses = [Interview.objects.get(pk=line.interview_id).status for line in lines]
    assert statuses == ["in_progress", "cancelled", "cancelled"]
    again = [bulk_line_take_back(line_id=line.pk, reason="Wrong week", by=lin) for line in lines]
    assert again == [Outcome.REFUSED, Outcome.ALREADY_DONE, Outcome.ALREADY_DONE]


def test_starting_a_plan_twice_starts_one_run(make_plan, lin):
    plan = make_plan()
    first = start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin)
    assert start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin) == first
    assert TaskRun.objects.count() == 1
    assert (first.total, first.can_cancel) == (4, True)


def test_cancelling_the_task_keeps_the_interviews_already_scheduled(make_plan, lin):
    plan = make_plan()
    run = start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin)
    task_runs.mark_started(run)
    task_runs.request_cancel(run)
    deliver(run)
    assert (run.state, run.done, run.total) == ("cancelled", 1, 4)
    assert (run.message, run.result_url) == ("1 interview scheduled", f"/schedule/bulk/{plan.pk}/")
    assert Interview.objects.count() == 1
    again = start.bulk_plan_start(
        plan_id=plan.pk, version=BulkPlan.objects.get(pk=plan.pk).version, by=lin
    )
    assert deliver(again).state == "succeeded"
    assert Interview.objects.count() == 4


def test_a_stale_version_of_a_plan_can_neither_be_changed_nor_started(make_plan, lin):
    plan = make_plan()
    line = lines_of(plan)[0]
    change(line, is_locked=True)
    before = state_of(*WATCHED)
    with pytest.raises(plans.StalePlan):
        plans.bulk_line_change(plan_id=plan.pk, version=1, line_id=line.pk, is_left_out=True)
    with pytest.raises(plans.StalePlan):
        plans.bulk_plan_propose(plan_id=plan.pk, version=1)
    with pytest.raises(plans.StalePlan):
        start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin)
    assert state_of(*WATCHED) == before


def test_a_plan_cannot_be_changed_while_a_worker_processes_it(make_plan, lin):
    plan = make_plan()
    start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin)
    with pytest.raises(ValidationError) as refused:
        plans.bulk_plan_propose(plan_id=plan.pk, version=2)
    assert refused.value.message_dict == {
        "state": ["A worker is processing this plan. Wait until it has finished."]
    }


INVALID_SETTINGS = [
    ({"applications": []}, "applications"),
    ({"rooms": []}, "rooms"),
    ({"interviewers": []}, "interviewers"),
    ({"days": []}, "days"),
    ({"days": [date(2030, 1, 1) + timedelta(days=n) for n in range(32)]}, "days"),
    ({"days": [date(1, 1, 1)]}, "days"),
    ({"closes_at": time(9)}, "closes_at"),
    ({"slot_minutes": 4}, "slot_minutes"),
    ({"buffer_minutes": 0}, "buffer_minutes"),
    ({"people_each": 3}, "people_each"),
    ({"daily_limit": 0}, "daily_limit"),
]


def test_invalid_settings_are_reported_by_field(subtests, make_plan):
    for changed, field in INVALID_SETTINGS:
        with subtests.test(changed=changed, field=field):
            with pytest.raises(ValidationError) as refused:
                make_plan(**changed)
            assert set(refused.value.message_dict) == {field}
            assert not BulkPlan.objects.exists()


def test_rooms_applications_and_people_of_other_campaigns_are_refused(make_plan, sun, campaign):
    own = make_application(campaign=campaign)
    for changed, field in (
        ({"rooms": [make_room()]}, "rooms"),
        ({"applications": [own, make_application()]}, "applications"),
        ({"interviewers": [sun]}, "interviewers"),
    ):
        with pytest.raises(ValidationError) as refused:
            make_plan(**changed)
        assert set(refused.value.message_dict) == {field}


def test_a_scheduled_line_can_no_longer_be_changed_in_the_plan(make_plan, lin):
    plan = make_plan(1)
    apply_all(plan, lin)
    with pytest.raises(ValidationError):
        change(lines_of(plan)[0], is_left_out=True)


def test_the_number_of_queries_does_not_grow_with_the_lines(make_plan):
    def cost(number: int) -> int:
        plan = make_plan(number)
        with CaptureQueriesContext(connection) as captured:
            propose_again(plan)
            find_line_conflicts(plan, lines_of(plan))
        return len(captured)

    assert cost(12) <= cost(2)


def test_a_deleted_application_does_not_block_the_other_lines(make_plan, lin):
    plan = make_plan(2)
    first, second = lines_of(plan)
    first.application.delete()
    assert bulk_line_apply(line_id=first.pk, by=lin) == Outcome.MISSING
    assert bulk_line_apply(line_id=second.pk, by=lin) == Outcome.DONE


def test_the_daily_limit_counts_interviews_of_other_campaigns(make_plan, wu, zhao):
    """Wu has eight interviews elsewhere that day, so all new ones go to Zhao."""
    elsewhere = make_campaign()
    for hour in range(8):
        make_interview(
            campaign=elsewhere, starts_at=NINE + timedelta(hours=4 + hour), interviewers=[wu]
        )
    placed = [line for line in lines_of(make_plan(6)) if line.is_placed]
    assert {person for line in placed for person in line.interviewers} == {zhao.pk}
    assert len(placed) == 3
    unplanned = Interview(pk=0, campaign=elsewhere, starts_at=NINE, ends_at=NINE + SLOT)
    load = {one["id"]: one["load"] for one in services.suggest_interviewers(unplanned)}
    assert (load[wu.pk], load[zhao.pk]) == (8, 0)


def test_a_plan_keeps_one_line_of_two_merged_candidates(make_plan, lin, campaign):
    job = make_job(campaign=campaign)
    stays, goes = (make_application(job=job) for _ in range(2))
    both, alone = make_plan(applications=[stays, goes]), make_plan(applications=[goes])
    records = records_of(Candidate.objects.filter(applications__in=[stays, goes]))
    candidates_merge(
        kept=stays.candidate_id,
        removed=goes.candidate_id,
        fields_from_removed=[],
        shown=digest_of(records),
        by=lin,
    )
    assert [line.application for line in lines_of(both)] == [stays]
    (remaining,) = lines_of(alone)
    assert remaining.application == stays
    assert bulk_line_apply(line_id=remaining.pk, by=lin) == Outcome.DONE
