"""Starts the tasks of a plan: create its interviews, or cancel them. Called by pages and API."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.bulk.plans import lock_plan, save_new_version
from interview.bulk.tasks import apply_bulk_plan, take_bulk_plan_back
from interview.models import BulkLine, BulkPlan
from interview.models.states import TRANSITIONS
from realtime.background import tracked_tasks
from realtime.models import TaskRun


@transaction.atomic
def bulk_plan_start(*, plan_id: int, version: int, by: User) -> TaskRun:
    """Starts the task that turns the plan's placed lines into interviews.

    Idempotent per version: a second call, such as a double click, returns the first call's run.
    Raises StalePlan; raises ValidationError if a task of the plan is running or no line is placed.
    """
    key = f"apply:{plan_id}:{version}"
    if run := _existing_run(plan_id, key):
        return run
    plan = lock_plan(plan_id, version=version)
    lines = [line.pk for line in plan.lines.all() if line.is_placed]
    if not lines:
        raise ValidationError(
            {"lines": _("There is nothing to schedule: no application has a proposed slot.")}
        )
    title = ngettext("Schedule %(count)d interview", "Schedule %(count)d interviews", len(lines))
    return _attach(
        plan,
        tracked_tasks.start(
            apply_bulk_plan,
            *(plan.pk, lines, by.pk),
            title=title % {"count": len(lines)},
            owner=by,
            total=len(lines),
            can_cancel=True,
            idempotency_key=key,
        ),
    )


@transaction.atomic
def bulk_plan_take_back(*, plan_id: int, version: int, reason: str, by: User) -> TaskRun:
    """Starts the task that cancels the plan's interviews that have not begun.

    Raises StalePlan; raises ValidationError by field.
    """
    plan = lock_plan(plan_id, version=version)
    if not reason.strip():
        raise ValidationError({"reason": _("Enter a reason for the cancellation.")})
    lines = [line.pk for line in cancellable_lines(plan)]
    if not lines:
        raise ValidationError({"lines": _("None of this plan's interviews can be cancelled.")})
    title = ngettext("Cancel %(count)d interview", "Cancel %(count)d interviews", len(lines))
    return _attach(
        plan,
        tracked_tasks.start(
            take_bulk_plan_back,
            *(plan.pk, lines, reason.strip(), by.pk),
            title=title % {"count": len(lines)},
            owner=by,
            total=len(lines),
            can_cancel=True,
        ),
    )


def _existing_run(plan_id: int, key: str) -> TaskRun | None:
    """Returns the run an earlier call with this key started. Locks the plan, so that of two
    concurrent calls the second one finds the first one's run.
    """
    BulkPlan.objects.select_for_update().get(pk=plan_id)
    return TaskRun.objects.filter(idempotency_key__endswith=f":{key}", bulk_plans=plan_id).first()


def cancellable_lines(plan: BulkPlan) -> list[BulkLine]:
    """Returns the lines whose interviews can still be cancelled."""
    sources = TRANSITIONS["cancel"][0]
    return list(plan.lines.filter(interview__status__in=sources))


def _attach(plan: BulkPlan, run: TaskRun) -> TaskRun:
    plan.task = run
    save_new_version(plan)
    return run
