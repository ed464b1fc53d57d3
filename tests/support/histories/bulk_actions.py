"""Actions on many objects at once: bulk plans, stage changes, reminders."""

from __future__ import annotations

from datetime import time, timedelta

from interview.bulk import plans, start
from interview.bulk.execute import bulk_line_apply, bulk_line_take_back
from interview.bulk.notify import notify_interviewers
from interview.models import BulkLine, BulkPlan, Interview, Room
from jobs.applications.bulk_stage_change import applications_move
from jobs.models import Application
from tests.support.histories.actions import action
from tests.support.histories.world import Choose, World, one_of


@action(plans.bulk_plan_create)
def bulk_plan_create(world: World, choose: Choose) -> None:
    plans.bulk_plan_create(
        campaign=world.campaign,
        owner=world.lin,
        applications=list(Application.objects.filter(job__campaign=world.campaign)),
        round=world.round,
        rooms=list(Room.objects.filter(campaign=world.campaign)),
        interviewers=[world.wu, world.zhao],
        days=[(world.clock.now() + timedelta(days=choose([0, 1]))).date()],
        opens_at=time(9),
        closes_at=choose([time(12), time(23, 30)]),
        slot_minutes=30,
        buffer_minutes=5,
        people_each=choose([1, 2]),
        daily_limit=8,
    )


@action(plans.bulk_plan_propose)
def bulk_plan_propose(world: World, choose: Choose) -> None:
    plan = _plan(choose)
    plans.bulk_plan_propose(plan_id=plan.pk, version=choose([plan.version, 99]))


@action(plans.bulk_line_change)
def bulk_line_change(world: World, choose: Choose) -> None:
    line = _line(choose)
    plans.bulk_line_change(
        plan_id=line.plan_id,
        version=line.plan.version,
        line_id=line.pk,
        starts_at=world.clock.now() + timedelta(hours=choose([1, 20])),
        interviewers=[world.interviewer(choose)],
        override_reason=choose(["", "nobody else"]),
    )


@action(bulk_line_apply)
def bulk_line_apply_(world: World, choose: Choose) -> None:
    bulk_line_apply(line_id=_line(choose).pk, by=choose([world.lin, None]))


@action(bulk_line_take_back)
def bulk_line_take_back_(world: World, choose: Choose) -> None:
    bulk_line_take_back(line_id=_line(choose).pk, reason="Wrong week", by=world.lin)


@action(start.bulk_plan_start)
def bulk_plan_start(world: World, choose: Choose) -> None:
    plan = _plan(choose)
    start.bulk_plan_start(plan_id=plan.pk, version=plan.version, by=world.lin)


@action(start.bulk_plan_take_back)
def bulk_plan_take_back(world: World, choose: Choose) -> None:
    plan = _plan(choose)
    start.bulk_plan_take_back(
        plan_id=plan.pk, version=plan.version, reason=choose(["Wrong week", ""]), by=world.lin
    )


@action(applications_move)
def applications_move_(world: World, choose: Choose) -> None:
    applications = Application.objects.order_by("pk")
    applications_move(
        versions={one.pk: choose([one.version, 99]) for one in applications},
        to=choose(["screening", "offer", "no such stage"]),
        by=world.lin,
        reason=choose(["", "asked again"]),
    )


@action(notify_interviewers)
def notify_interviewers_(world: World, choose: Choose) -> None:
    notify_interviewers(Interview.objects.for_rows().filter(campaign=world.campaign))


def _plan(choose: Choose) -> BulkPlan:
    return one_of(choose, list(BulkPlan.objects.order_by("pk")))


def _line(choose: Choose) -> BulkLine:
    return one_of(choose, list(BulkLine.objects.select_related("plan").order_by("pk")))
