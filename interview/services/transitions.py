"""The shared steps of every change: lock, validate, save, and record a history event."""

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
from interview.models.states import NOT_TAKING_PLACE, TRANSITIONS, Status, is_valid_transition
from interview.rules.conflicts import room_taken_message
from interview.rules.limits import (
    ALLOWED_YEARS,
    MAX_DAYS_IN_PAST,
    MAX_DURATION_MINUTES,
    MIN_DURATION_MINUTES,
    YEAR_BOUNDS,
)

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
"""Fields that undo restores; stored in `InterviewEvent.before`."""


class StaleVersion(Exception):
    """The interview has changed since it was read."""

    def __init__(self, interview: Interview) -> None:
        super().__init__(self.__doc__)
        self.interview = interview


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The author of a change, as recorded in the history.

    user: None for candidates and the system. source: page, api, admin, candidate or simulation.
    """

    user: User | None
    source: str


def lock_interview(interview_id: int, *, version: int, action: str) -> Interview:
    """Lock the interview until the transaction ends, and return it.

    Raises Interview.DoesNotExist, StaleVersion if its version differs from `version`, and
    ValidationError on `status` if the state machine does not allow the action.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interview.version != version:
        raise StaleVersion(interview)
    if not is_valid_transition(action, interview.status):
        raise ValidationError(
            {
                "status": _("This is not possible while the interview is “%(status)s”.")
                % {"status": interview.get_status_display()}
            }
        )
    return interview


def confirmation_reset(interview: Interview, starts_at: datetime) -> dict[str, Any]:
    """The change of status that a new start makes: the candidate has to confirm it again."""
    is_new = starts_at != interview.starts_at
    return {"status": Status.SCHEDULED} if is_new and is_confirmed_by_candidate(interview) else {}


def is_confirmed_by_candidate(interview: Interview) -> bool:
    return interview.status == Status.CONFIRMED


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
    """Save a change that `lock_interview` has allowed, and record its event.

    Sets the action's target status, then `changes`, and raises the version by one. before: the
    state that undo restores; default: the state of `interview` now.
    """
    before = before or undo_state_of(interview)
    from_status = interview.status
    target = TRANSITIONS[action][1] if action in TRANSITIONS else None
    if target:
        interview.status = target
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
    """The values that undo restores: UNDO_FIELDS and the assignments, JSON-serialisable."""
    fields = {name: _to_json(getattr(interview, name)) for name in UNDO_FIELDS}
    assignments = [
        [a.interviewer_id, a.response, a.late_minutes] for a in interview.assignments.all()
    ]
    return fields | {"assignments": assignments}


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def save_interview(interview: Interview) -> None:
    """Validate and save. Raises ValidationError by field, also for violated constraints."""
    check_times(interview.starts_at, interview.ends_at)
    check_room_is_free(interview)
    try:
        with transaction.atomic():
            interview.save()
    except IntegrityError as error:
        raise validation_error_of(error) from error


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValidationError by field for times that no interview may have."""
    if starts_at.year not in ALLOWED_YEARS:
        raise ValidationError(
            {"starts_at": _("Enter a year from %(first)d to %(last)d.") % YEAR_BOUNDS}
        )
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end must be after the start.")})
    if (ends_at - starts_at).total_seconds() > MAX_DURATION_MINUTES * 60:
        text = _("An interview can take up to %(hours)d hours.")
        raise ValidationError({"ends_at": text % {"hours": MAX_DURATION_MINUTES // 60}})


def check_schedule(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ValidationError by field for times that a person may not enter.

    Interviews can be entered after they took place, but dates long ago and very short durations
    are typing errors.
    """
    check_times(starts_at, ends_at)
    if starts_at < timezone.now() - timedelta(days=MAX_DAYS_IN_PAST):
        raise ValidationError({"starts_at": _("This date is more than a year ago.")})
    if ends_at - starts_at < timedelta(minutes=MIN_DURATION_MINUTES):
        text = _("An interview takes at least %(minutes)d minutes.")
        raise ValidationError({"ends_at": text % {"minutes": MIN_DURATION_MINUTES}})


def check_room_is_free(interview: Interview) -> None:
    """Raise ValidationError on `room` if another interview occupies it.

    A friendly pre-check; the exclusion constraint still catches races.
    """
    taken = Interview.objects.filter(OCCUPIES_ROOM, room=interview.room_id)
    taken = taken.overlapping(interview.starts_at, interview.ends_at).exclude(pk=interview.pk)
    if interview.status not in NOT_TAKING_PLACE and taken.exists():
        raise ValidationError({"room": room_taken_message()})


def validation_error_of(error: IntegrityError) -> ValidationError:
    """The validation error for a violated constraint. Re-raises errors that users cannot cause."""
    if "room_is_not_double_booked" in str(error):
        return ValidationError({"room": room_taken_message()})
    if "interview_ends_after_it_starts" in str(error):
        return ValidationError({"ends_at": _("The end must be after the start.")})
    raise error
