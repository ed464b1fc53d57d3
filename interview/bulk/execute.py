"""A plan's lines become interviews, one by one, and are taken back likewise.

Each line is a transaction of its own: what is made stays made when a later line is refused, when
somebody stops the work, or when the worker dies; whoever goes on finds by the line that it is done.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from interview.models import BulkLine, Interview
from interview.models.states import WAITING, Side, Status, may_follow
from interview.models.time_spans import Span
from interview.services.interview_day import interview_cancel
from interview.services.scheduling import interview_create
from interview.services.transitions import Actor

SOURCE = "bulk"


class Outcome(StrEnum):
    DONE = "done"
    WAS_DONE = "was_done"
    REFUSED = "refused"
    GONE = "gone"  # with its application


@transaction.atomic
def bulk_line_apply(*, line_id: int, by: User | None) -> Outcome:
    """Make this line's interview, once. A refusal is written down at the line, in words."""
    lines = BulkLine.objects.select_for_update(of=("self",))
    line = (
        lines.select_related(
            "application__job__campaign", "application__candidate", "plan__round", "room"
        )
        .filter(pk=line_id)
        .first()
    )
    if line is None:
        return Outcome.GONE
    if line.interview_id is not None:
        return Outcome.WAS_DONE
    try:
        with transaction.atomic():
            line.interview = _create(line, Actor(by=by, source=SOURCE))
    except ValidationError as refused:
        line.problem, line.refusal = BulkLine.Problem.REFUSED, " ".join(refused.messages)[:300]
        line.save(update_fields=["problem", "refusal"])
        return Outcome.REFUSED
    line.problem, line.refusal = "", ""
    line.save(update_fields=["interview", "problem", "refusal"])
    return Outcome.DONE


def _create(line: BulkLine, actor: Actor) -> Interview:
    span = line.span
    if span is None or line.room is None or not line.is_placed:
        raise ValidationError(_("This line has no place."))
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


def _check_time(line: BulkLine, span: Span) -> None:
    """What a person who plans one interview sees for himself."""
    if span.starts_at <= timezone.now():
        raise ValidationError(_("This time has passed."))
    expected = Interview.objects.overlapping(span.starts_at, span.ends_at).filter(
        application__candidate=line.application.candidate_id,
        status__in=[*WAITING, Status.IN_PROGRESS],
    )
    if expected.exists():
        raise ValidationError(_("The candidate has another interview at that time."))


@transaction.atomic
def bulk_line_take_back(*, line_id: int, reason: str, by: User | None) -> Outcome:
    """Cancel the interview this line has become, unless it has begun or is over."""
    line = BulkLine.objects.select_for_update().filter(pk=line_id).first()
    if line is None or line.interview_id is None:
        return Outcome.GONE
    interview = Interview.objects.select_for_update().get(pk=line.interview_id)
    if interview.status == Status.CANCELLED:
        return Outcome.WAS_DONE
    if not may_follow("cancel", interview.status):
        return Outcome.REFUSED
    interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason=reason,
        side=Side.COMPANY,
        actor=Actor(by=by, source=SOURCE),
    )
    return Outcome.DONE
