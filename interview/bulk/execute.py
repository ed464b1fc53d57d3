"""Executes one line of a plan: creates its interview, or cancels it. Called by `tasks`.

Each line is a separate transaction, so interviews that were created survive a later refusal, a
cancelled task or a killed worker. A line records its interview: executing it again is harmless.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from interview.models import BulkLine, Interview
from interview.models.states import Side, Status, is_valid_transition
from interview.services.interview_day import interview_cancel
from interview.services.schedule_locks import lock_schedules
from interview.services.scheduling import interview_create
from interview.services.transitions import Actor

SOURCE = "bulk"
Schedules = dict[str, list[int]]
"""Ids by argument of `lock_schedules`."""


class Outcome(StrEnum):
    """The result of executing one line."""

    DONE = "done"
    ALREADY_DONE = "already_done"
    REFUSED = "refused"
    MISSING = "missing"  # the line was deleted, together with its application


@transaction.atomic
def bulk_line_apply(*, line_id: int, by: User | None) -> Outcome:
    """Creates the line's interview, once. A refusal is stored on the line as text."""
    locked = _lock_schedules_of(line_id)
    lines = BulkLine.objects.select_for_update(of=("self",))
    line = (
        lines.select_related(
            "application__job__campaign", "application__candidate", "plan__round", "room"
        )
        .filter(pk=line_id)
        .first()
    )
    if line is None:
        return Outcome.MISSING
    if line.interview_id is not None:
        return Outcome.ALREADY_DONE
    if _schedules_of(line) != locked:
        return _refuse(line, _("This line has just changed. Schedule it again."))
    try:
        with transaction.atomic():
            line.interview = _create(line, Actor(user=by, source=SOURCE))
    except ValidationError as error:
        return _refuse(line, " ".join(error.messages))
    line.problem, line.refusal = "", ""
    line.save(update_fields=["interview", "problem", "refusal"])
    return Outcome.DONE


def _lock_schedules_of(line_id: int) -> Schedules | None:
    """Lock the schedules that a line books, before the line itself (see `schedule_locks`)."""
    line = BulkLine.objects.select_related("application").filter(pk=line_id).first()
    if line is None:
        return None
    schedules = _schedules_of(line)
    lock_schedules(**schedules)
    return schedules


def _schedules_of(line: BulkLine) -> Schedules:
    return {
        "rooms": [line.room_id] if line.room_id else [],
        "interviewers": line.interviewers,
        "candidates": [line.application.candidate_id],
    }


def _refuse(line: BulkLine, reason: str) -> Outcome:
    line.problem, line.refusal = BulkLine.Problem.REFUSED, reason[:300]
    line.save(update_fields=["problem", "refusal"])
    return Outcome.REFUSED


def _create(line: BulkLine, actor: Actor) -> Interview:
    span = line.span
    if span is None or line.room is None or not line.is_placed:
        raise ValidationError(_("This application has no proposed slot."))
    if span.starts_at <= timezone.now():
        raise ValidationError(_("This time has passed."))
    people = User.objects.in_bulk(line.interviewers)
    return interview_create(
        application=line.application,
        round=line.plan.round,
        room=line.room,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        interviewers=[people[one] for one in line.interviewers if one in people],
        actor=actor,
        override_reason=line.override_reason,
    )


@transaction.atomic
def bulk_line_take_back(*, line_id: int, reason: str, by: User | None) -> Outcome:
    """Cancels the line's interview. Returns REFUSED if it has begun or is over."""
    line = BulkLine.objects.select_for_update().filter(pk=line_id).first()
    if line is None or line.interview_id is None:
        return Outcome.MISSING
    interview = Interview.objects.select_for_update().get(pk=line.interview_id)
    if interview.status == Status.CANCELLED:
        return Outcome.ALREADY_DONE
    if not is_valid_transition("cancel", interview.status):
        return Outcome.REFUSED
    interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason=reason,
        side=Side.COMPANY,
        actor=Actor(user=by, source=SOURCE),
    )
    return Outcome.DONE
