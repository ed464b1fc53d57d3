"""Rooms: create, change, and shift all later interviews of a day."""

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
from interview.notifications.planning import notify
from interview.rules.limits import MAX_SHIFT_MINUTES
from interview.services.interview_day import interviewer_ids
from interview.services.transitions import Actor, undo_state_of, validation_error_of


class StaleRoom(Exception):
    """The room has changed since it was read; `room` is the current one."""

    def __init__(self, room: Room) -> None:
        super().__init__(self.__doc__)
        self.room = room


@transaction.atomic
def room_save(*, room: Room) -> Room:
    """Save a new or changed room. Raises ValidationError by field."""
    if room.pk:
        room.version += 1
    room.full_clean()
    room.save()
    return room


@transaction.atomic
def room_update(*, room: Room, version: int, **fields: Any) -> Room:
    """Change these fields of a room. The version stays if no value differs.

    Raises StaleRoom if the room has changed since `version`, and ValidationError by field.
    """
    locked = Room.objects.select_for_update().get(pk=room.pk)
    if locked.version != version:
        raise StaleRoom(locked)
    changes = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    for name, value in changes.items():
        setattr(locked, name, value)
    return room_save(room=locked) if changes else locked


@dataclass(frozen=True, slots=True)
class ShiftedInterview:
    """An interview of a shift, with its start before and after."""

    interview: Interview
    starts_at: datetime
    new_starts_at: datetime


@transaction.atomic
def room_shift(
    *, room: Room, minutes: int, from_: datetime, actor: Actor, is_preview: bool = False
) -> list[ShiftedInterview]:
    """Reschedule the room's waiting interviews that start at or after `from_` on that local day.

    All are shifted or none. A preview returns the same result without changes. Undoing one of the
    interviews undoes the whole shift. Raises ValidationError on `minutes` if they are 0 or over the
    limit, on `from` if there is nothing to shift, and on `room` if an interview would overlap
    another one.
    """
    if minutes == 0 or abs(minutes) > MAX_SHIFT_MINUTES:
        text = _("Enter 1 to %(limit)d minutes, earlier or later.") % {"limit": MAX_SHIFT_MINUTES}
        raise ValidationError({"minutes": text})
    waiting = _lock_waiting(room, from_)
    if not waiting:
        raise ValidationError({"from": _("This room has no waiting interviews from that time on.")})
    by = timedelta(minutes=minutes)
    shifted = [ShiftedInterview(i, i.starts_at, i.starts_at + by) for i in waiting]
    if not is_preview:
        _shift(waiting, by, actor)
    return shifted


def _lock_waiting(room: Room, from_: datetime) -> Sequence[Interview]:
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


def _shift(interviews: Sequence[Interview], by: timedelta, actor: Actor) -> None:
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
