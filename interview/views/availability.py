"""Who and what is free at a time one thinks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from interview.models import OCCUPIES_ROOM, Interview, Room
from interview.services import suggest_interviewers


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time that may become an interview."""

    starts_at: datetime
    ends_at: datetime


def who_is_free(slot: Slot | None) -> list[dict[str, Any]]:
    """Every interviewer with his load on that day and whether he is free, the freest first."""
    moment = slot or Slot(timezone.now(), timezone.now() + timedelta(minutes=30))
    unplanned = Interview(pk=0, starts_at=moment.starts_at, ends_at=moment.ends_at)
    return suggest_interviewers(unplanned)


def rooms_that_day(rooms: Sequence[Room], slot: Slot | None) -> list[dict[str, Any]]:
    """Each room with what it holds on the slot's day, and whether the slot fits in, free ones
    first. One query.
    """
    if slot is None:
        return [{"room": room, "taken": [], "is_free": True} for room in rooms]
    midnight = slot.starts_at.replace(hour=0, minute=0)
    day = {"starts_at__gte": midnight, "starts_at__lt": midnight + timedelta(days=1)}
    held = list(Interview.objects.filter(OCCUPIES_ROOM, room__in=rooms, **day))
    by_room = {room: [i for i in held if i.room_id == room.pk] for room in rooms}
    found = [
        {"room": room, "taken": taken, "is_free": not any(_overlaps(i, slot) for i in taken)}
        for room, taken in by_room.items()
    ]
    return sorted(found, key=lambda one: not one["is_free"])


def _overlaps(interview: Interview, slot: Slot) -> bool:
    return interview.starts_at < slot.ends_at and interview.ends_at > slot.starts_at
