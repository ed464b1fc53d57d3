"""A killed worker: what it created of a bulk plan stays, and the rest is created once."""

from __future__ import annotations

from datetime import date, time

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db.models import Count

from interview.bulk import start
from interview.models import BulkPlan, Interview, Notification
from jobs.models import Campaign
from realtime.models import TaskRun
from tests.factories import make_application, make_bulk_plan, make_interviewer, make_job, make_room
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

MANY, HALF = 20, 10


def make_plan(campaign: Campaign, lin: User) -> BulkPlan:
    job = make_job(campaign=campaign)
    return make_bulk_plan(
        campaign=campaign,
        owner=lin,
        applications=[make_application(job=job) for _ in range(MANY)],
        rooms=[make_room(campaign=campaign) for _ in range(2)],
        interviewers=[make_interviewer() for _ in range(4)],
        days=[date(2030, 3, 4), date(2030, 3, 5)],
        closes_at=time(18),
    )


def test_a_bulk_plan_whose_worker_is_killed_is_carried_out_once(
    site: Site, campaign: Campaign, lin: User
) -> None:
    plan = make_plan(campaign, lin)
    assert all(line.is_placed for line in plan.lines.all()), "the premise"
    held = plan.lines.all()[HALF]
    worker = site.start("worker")
    with psycopg.connect(environment()["DATABASE_URL"]) as holder:
        holder.execute("SELECT FROM interview_bulkline WHERE id = %s FOR UPDATE", [held.pk])
        run = start.bulk_plan_start(plan_id=plan.pk, version=1, by=lin)
        until(lambda: Interview.objects.count() == HALF)
        worker.kill()
    assert Interview.objects.count() == HALF, "created interviews stay"
    site.start("worker", **overridden_by("fast_redelivery"))
    until(lambda: TaskRun.objects.get(pk=run.pk).state == "succeeded")
    assert Interview.objects.count() == MANY
    assert plan.lines.filter(interview=None).count() == 0
    twice = Interview.objects.values("application").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    assert Notification.objects.filter(event="assigned").count() == MANY
