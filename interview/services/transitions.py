"""The one way an interview takes a step: locked, checked, written, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.models import OCCUPIES_ROOM, Interview, InterviewEvent
from interview.models.states import TRANSITIONS, is_valid_transition

UNDO_FIELDS = (
    "status",
    "room_id",
    "starts_at",
    "ends_at",
    "arrived_at",
    "started_at",
    "finished_at",
    "reason",
    "side",
)
MAX_DURATION_MINUTES = 12 * 60
MIN_DURATION = timedelta(minutes=5)
MAX_AGE = timedelta(days=366)  # of what was held; what is older is a slip in the year
ALLOWED_YEARS = range(2000, 2100)  # a day more or less, in any zone, stays a date


class StaleVersion(Exception):
    """Somebody changed this interview since it was read."""

    def __init__(self, interview: Interview) -> None:
        super().__init__(self.__doc__)
        self.interview = interview


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who takes a step, and through which door: page, api, admin, candidate, simulation."""

    user: User | None
    source: str


def lock_interview(interview_id: int, *, version: int, action: str) -> Interview:
    """The interview, held until the transaction ends, in the very version the actor saw.

    Raises Interview.DoesNotExist, StaleVersion, or ValidationError on `status` when the state
    machine has no such step.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interview.version != version:
        raise StaleVersion(interview)
    if not is_valid_transition(action, interview.status):
        raise ValidationError(
            {
                "status": _("This cannot be done while the interview is “%(status)s”.")
                % {"status": interview.get_status_display()}
            }
        )
    return interview


def apply_transition(
    interview: Interview,
    *,
    action: str,
    actor: Actor,
    reason: str = "",
    batch: UUID | None = None,
    changes: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
) -> Interview:
    """Write a step that `lock` has allowed: fields, status, version, and the event that remembers
    it.

    `before` is the state to return to on undo; it is read from the interview unless given.
    """
    before = before or undo_state_of(interview)
    from_status = interview.status
    target = TRANSITIONS[action][1] if action in TRANSITIONS else None
    for name, value in ({"status": target} if target else {}).items():
        setattr(interview, name, value)
    for name, value in (changes or {}).items():
        setattr(interview, name, value)
    interview.version += 1
    save_interview(interview)
    record_event(
        interview,
        action=action,
        actor=actor,
        from_status=from_status,
        reason=reason,
        batch=batch,
        before=before,
    )
    return interview


def record_event(
    interview: Interview, *, action: str, actor: Actor, **fields: Any
) -> InterviewEvent:
    """Add one event to the interview's history."""
    return InterviewEvent.objects.create(
        interview=interview,
        at=timezone.now(),
        by=actor.user,
        source=actor.source,
        action=action,
        to_status=interview.status,
        version=interview.version,
        **fields,
    )


def undo_state_of(interview: Interview) -> dict[str, Any]:
    """What undo puts back: the fields of the day and everybody's part, without names or texts."""
    fields = {name: _plain(getattr(interview, name)) for name in UNDO_FIELDS}
    parts = [[a.interviewer_id, a.response, a.late_minutes] for a in interview.assignments.all()]
    return fields | {"assignments": parts}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def save_interview(interview: Interview) -> None:
    """Save, turning what the database refuses into reasons by field."""
    check_times(interview.starts_at, interview.ends_at)
    check_room_is_free(interview)
    try:
        with transaction.atomic():
            interview.save()
    except IntegrityError as error:
        raise validation_error_of(error) from error


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at.year not in ALLOWED_YEARS:
        raise ValidationError({"starts_at": _("Interviews are not planned in that year.")})
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end must be after the start.")})
    if (ends_at - starts_at).total_seconds() > MAX_DURATION_MINUTES * 60:
        raise ValidationError({"ends_at": _("An interview cannot be longer than 12 hours.")})


def check_schedule(starts_at: datetime, ends_at: datetime) -> None:
    """Interviews are planned, or written down when they have been held; what is long past or lasts
    no time is a slip of the keyboard. Raises ValidationError by field.
    """
    check_times(starts_at, ends_at)
    if starts_at < timezone.now() - MAX_AGE:
        raise ValidationError({"starts_at": _("This is more than a year ago.")})
    if ends_at - starts_at < MIN_DURATION:
        raise ValidationError({"ends_at": _("An interview takes 5 minutes or more.")})


def check_room_is_free(interview: Interview) -> None:
    """A clear word before the constraint speaks; the constraint still decides races."""
    taken = Interview.objects.filter(OCCUPIES_ROOM, room=interview.room_id)
    taken = taken.overlapping(interview.starts_at, interview.ends_at).exclude(pk=interview.pk)
    if interview.status in {"cancelled", "no_show"} or not taken.exists():
        return
    raise ValidationError({"room": room_taken_message()})


def room_taken_message() -> str:
    return str(_("This room is taken at that time."))


def validation_error_of(error: IntegrityError) -> ValidationError:
    """The database's refusal in words, by field. Re-raises what is not the user's doing."""
    if "room_is_not_double_booked" in str(error):
        return ValidationError({"room": room_taken_message()})
    if "interview_ends_after_it_starts" in str(error):
        return ValidationError({"ends_at": _("The end must be after the start.")})
    raise error
