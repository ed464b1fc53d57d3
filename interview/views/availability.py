"""Availability of interviewers and rooms at a given time, for the scheduling page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from interview.models import OCCUPIES_ROOM, Interview, Room
from interview.services import suggest_interviewers


@dataclass(frozen=True, slots=True)
class Slot:
    """The time of an interview that is not scheduled yet."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo


def interviewer_availability(slot: Slot | None, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Returns every interviewer with their load that day and whether they are free, free first.

    Without a slot: the next half hour. zone: the campaign's, which decides what the day is.
    """
    moment = slot or Slot(timezone.now(), timezone.now() + timedelta(minutes=30), zone)
    unplanned = Interview(pk=0, starts_at=moment.starts_at, ends_at=moment.ends_at)
    return suggest_interviewers(unplanned, zone=zone)


def room_availability(rooms: Sequence[Room], slot: Slot | None) -> list[dict[str, Any]]:
    """Returns each room with its interviews on the slot's day and whether the slot is free, free
    rooms first. Takes one query.
    """
    if slot is None:
        return [{"room": room, "taken": [], "is_free": True} for room in rooms]
    midnight = slot.starts_at.astimezone(slot.zone).replace(hour=0, minute=0)
    day = {"starts_at__gte": midnight, "starts_at__lt": midnight + timedelta(days=1)}
    booked = list(Interview.objects.filter(OCCUPIES_ROOM, room__in=rooms, **day))
    by_room = {room: [i for i in booked if i.room_id == room.pk] for room in rooms}
    found = [
        {"room": room, "taken": taken, "is_free": not any(_overlaps(i, slot) for i in taken)}
        for room, taken in by_room.items()
    ]
    return sorted(found, key=lambda one: not one["is_free"])


def _overlaps(interview: Interview, slot: Slot) -> bool:
    return interview.starts_at < slot.ends_at and interview.ends_at > slot.starts_at
