"""From a person's decision about a plan to the worker that carries it out."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.bulk.plans import bumped, lock_plan
from interview.bulk.tasks import apply_bulk_plan, take_bulk_plan_back
from interview.models import BulkLine, BulkPlan
from interview.models.states import TRANSITIONS
from realtime.background import tracked_task
from realtime.models import TaskRun


@transaction.atomic
def bulk_plan_start(*, plan_id: int, version: int, by: User) -> TaskRun:
    """Have the plan's lines made into interviews. Decided twice, it is done once.

    Raises StalePlan, and ValidationError while a worker has the plan or without anything to make.
    """
    key = f"apply:{plan_id}:{version}"
    if run := _started_before(plan_id, key):
        return run
    plan = lock_plan(plan_id, version=version)
    lines = [line.pk for line in plan.lines.all() if line.is_placed]
    if not lines:
        raise ValidationError({"lines": _("No line has a place that is still to be planned.")})
    title = ngettext("Plan %(count)d interview", "Plan %(count)d interviews", len(lines))
    return _hand_over(
        plan,
        tracked_task.start(
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
    """Have those interviews of the plan cancelled that have not begun.

    Raises StalePlan, and ValidationError by field.
    """
    plan = lock_plan(plan_id, version=version)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why they are cancelled.")})
    lines = [line.pk for line in cancellable(plan)]
    if not lines:
        raise ValidationError({"lines": _("No interview of this plan can be cancelled.")})
    title = ngettext("Cancel %(count)d interview", "Cancel %(count)d interviews", len(lines))
    return _hand_over(
        plan,
        tracked_task.start(
            take_bulk_plan_back,
            *(plan.pk, lines, reason.strip(), by.pk),
            title=title % {"count": len(lines)},
            owner=by,
            total=len(lines),
            can_cancel=True,
        ),
    )


def _started_before(plan_id: int, key: str) -> TaskRun | None:
    """What the first of two clicks has started; the second waits here until it has."""
    BulkPlan.objects.select_for_update().get(pk=plan_id)
    return TaskRun.objects.filter(idempotency_key__endswith=f":{key}", bulk_plans=plan_id).first()


def cancellable(plan: BulkPlan) -> list[BulkLine]:
    """The lines whose interviews have not begun."""
    may_be = TRANSITIONS["cancel"][0]
    return list(plan.lines.filter(interview__status__in=may_be))


def _hand_over(plan: BulkPlan, run: TaskRun) -> TaskRun:
    plan.task = run
    bumped(plan)
    return run
