"""Rooms: kept up to date, and shifted as a whole when they run late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewEvent, Notification, Room
from interview.models.states import WAITING
from interview.notifications.in_app import notify
from interview.services.interview_day import interviewer_ids
from interview.services.transitions import Actor, undo_state_of, validation_error_of

SHIFT_LIMIT_MINUTES = 240


class StaleRoom(Exception):
    """Somebody changed this room since it was read; `room` is how it stands now."""

    def __init__(self, room: Room) -> None:
        super().__init__(self.__doc__)
        self.room = room


@transaction.atomic
def room_save(*, room: Room) -> Room:
    """Create or change a room."""
    if room.pk:
        room.version += 1
    room.full_clean()
    room.save()
    return room


@transaction.atomic
def room_update(*, room: Room, version: int, **fields: Any) -> Room:
    """Change these fields of a room. One that has them already stays in its version.

    Raises StaleRoom if it has changed since `version`, ValidationError by field.
    """
    held = Room.objects.select_for_update().get(pk=room.pk)
    if held.version != version:
        raise StaleRoom(held)
    changes = {name: value for name, value in fields.items() if getattr(held, name) != value}
    for name, value in changes.items():
        setattr(held, name, value)
    return room_save(room=held) if changes else held


@dataclass(frozen=True, slots=True)
class ShiftedInterview:
    """One interview of a shift: where it stands now, and where it will."""

    interview: Interview
    starts_at: datetime
    new_starts_at: datetime


@transaction.atomic
def room_shift(
    *, room: Room, minutes: int, from_: datetime, actor: Actor, is_preview: bool = False
) -> list[ShiftedInterview]:
    """Move the room's waiting interviews from a moment on, to the end of that day, all or none.

    A preview answers the same and writes nothing. Any one interview's undo undoes the whole shift.
    Raises ValidationError on `minutes` (0, or over four hours) and on `room` when one would
    overlap.
    """
    if minutes == 0 or abs(minutes) > SHIFT_LIMIT_MINUTES:
        raise ValidationError({"minutes": _("Between 1 and 240 minutes, either way.")})
    waiting = _waiting(room, from_)
    if not waiting:
        raise ValidationError({"from": _("No waiting interview in this room from then on.")})
    by = timedelta(minutes=minutes)
    moves = [ShiftedInterview(i, i.starts_at, i.starts_at + by) for i in waiting]
    if not is_preview:
        _move(waiting, by, actor)
    return moves


def _waiting(room: Room, from_: datetime) -> Sequence[Interview]:
    zone = ZoneInfo(room.campaign.time_zone)
    midnight = from_.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return list(
        Interview.objects.select_for_update(of=("self",))
        .filter(
            room=room,
            status__in=WAITING,
            starts_at__gte=from_,
            starts_at__lt=midnight + timedelta(days=1),
        )
        .select_related("campaign", "room", "application__candidate")
        .prefetch_related("assignments")
        .order_by("starts_at")
    )


def _move(interviews: Sequence[Interview], by: timedelta, actor: Actor) -> None:
    batch, now = uuid4(), timezone.now()
    events = []
    for interview in interviews:
        event = InterviewEvent(
            interview=interview,
            at=now,
            by=actor.user,
            source=actor.source,
            action="shift",
            from_status=interview.status,
            to_status=interview.status,
            batch=batch,
            before=undo_state_of(interview),
        )
        interview.starts_at += by
        interview.ends_at += by
        interview.version += 1
        event.version = interview.version
        events.append(event)
    try:
        with transaction.atomic():
            Interview.objects.bulk_update(interviews, ["starts_at", "ends_at", "version"])
    except IntegrityError as error:
        raise validation_error_of(error) from error
    InterviewEvent.objects.bulk_create(events)
    for interview in interviews:
        notify(Notification.Event.MOVED, interview, interviewer_ids(interview), and_candidate=True)
