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
from interview.models.states import ACTIVE, Side, Status, is_valid_transition
from interview.models.time_spans import TimeSpan
from interview.services.interview_day import interview_cancel
from interview.services.scheduling import interview_create
from interview.services.transitions import Actor

SOURCE = "bulk"


class Outcome(StrEnum):
    """The result of executing one line."""

    DONE = "done"
    ALREADY_DONE = "already_done"
    REFUSED = "refused"
    MISSING = "missing"  # the line was deleted, together with its application


@transaction.atomic
def bulk_line_apply(*, line_id: int, by: User | None) -> Outcome:
    """Creates the line's interview, once. A refusal is stored on the line as text."""
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
    try:
        with transaction.atomic():
            line.interview = _create(line, Actor(user=by, source=SOURCE))
    except ValidationError as error:
        line.problem, line.refusal = BulkLine.Problem.REFUSED, " ".join(error.messages)[:300]
        line.save(update_fields=["problem", "refusal"])
        return Outcome.REFUSED
    line.problem, line.refusal = "", ""
    line.save(update_fields=["interview", "problem", "refusal"])
    return Outcome.DONE


def _create(line: BulkLine, actor: Actor) -> Interview:
    span = line.span
    if span is None or line.room is None or not line.is_placed:
        raise ValidationError(_("This application has no proposed slot."))
    _check_time(line, span)
    return interview_create(
        application=line.application,
        round=line.plan.round,
        room=line.room,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        interviewers=list(User.objects.filter(pk__in=line.interviewers)),
        actor=actor,
        override_reason=line.override_reason,
    )


def _check_time(line: BulkLine, span: TimeSpan) -> None:
    """Checks what `interview_create` leaves to the coordinator who schedules one interview."""
    if span.starts_at <= timezone.now():
        raise ValidationError(_("This time has passed."))
    overlapping = Interview.objects.overlapping(span.starts_at, span.ends_at).filter(
        application__candidate=line.application.candidate_id,
        status__in=ACTIVE,
    )
    if overlapping.exists():
        raise ValidationError(_("The candidate has another interview at that time."))


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
