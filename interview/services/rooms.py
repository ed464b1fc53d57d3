"""Rooms: create, change, and shift all later interviews of a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewEvent, Notification, Room
from interview.models.querysets import InterviewQuerySet
from interview.models.states import WAITING
from interview.notifications.planning import notify
from interview.notifications.requests import NEW_PLACE
from interview.rules.bookings import load_calendars
from interview.rules.conflicts import Conflict, find_conflicts
from interview.rules.limits import MAX_SHIFT_MINUTES
from interview.services.conflict_checks import appointment_of, refuse
from interview.services.interview_day import interviewer_ids
from interview.services.schedule_locks import lock_schedules
from interview.services.transitions import (
    Actor,
    confirmation_reset,
    is_confirmed_by_candidate,
    record_event,
    undo_state_of,
    validation_error_of,
)
from monitoring.metrics.metrics import ROOM_SHIFTS
from realtime.after_commit import call_after_commit


class StaleRoom(Exception):
    """The room has changed since it was read; `room` is the current one."""

    def __init__(self, room: Room) -> None:
        super().__init__(self.__doc__)
        self.room = room


PLACE_FIELDS = ("name", "directions", "meeting_url")
"""Fields by which people find the room; a change is told to everybody who is still to come."""
SYSTEM = Actor(user=None, source="system")


@transaction.atomic
def room_save(*, room: Room, actor: Actor = SYSTEM) -> Room:
    """Save a new or changed room, and tell a new place as in `room_update`.

    Raises ValidationError by field.
    """
    if room.pk is None:
        room.full_clean()
        room.save()
        return room
    lock_schedules(rooms=[room.pk])
    known = Room.objects.select_for_update().get(pk=room.pk)
    return _save_changed(room, known, actor)


@transaction.atomic
def room_update(*, room: Room, version: int, actor: Actor = SYSTEM, **fields: Any) -> Room:
    """Change these fields of a room. The version stays if no value differs.

    A new name, link or directions are told like a reschedule to the people of its interviews that
    are still to come, whose calendars are updated. Raises StaleRoom if the room has changed since
    `version`, and ValidationError by field.
    """
    lock_schedules(rooms=[room.pk])
    known = Room.objects.select_for_update().get(pk=room.pk)
    if known.version != version:
        raise StaleRoom(known)
    changed = copy(known)
    changes = {name: value for name, value in fields.items() if getattr(known, name) != value}
    for name, value in changes.items():
        setattr(changed, name, value)
    return _save_changed(changed, known, actor) if changes else known


def _save_changed(room: Room, known: Room, actor: Actor) -> Room:
    room.version = known.version + 1
    room.full_clean()
    room.save()
    if any(getattr(room, name) != getattr(known, name) for name in PLACE_FIELDS):
        _tell_place(room, actor)
    return room


def _tell_place(room: Room, actor: Actor) -> None:
    """Raise the versions of the room's interviews that are still to come, and notify their people.

    The version is the SEQUENCE of calendar entries: without a higher one, calendars keep the old
    place.
    """
    ahead = Interview.objects.select_for_update(of=("self",)).filter(
        room=room, status__in=WAITING, ends_at__gt=timezone.now()
    )
    related = ahead.select_related("campaign", "room", "application__candidate")
    interviews = list(related.prefetch_related("assignments").order_by("pk"))
    for interview in interviews:
        interview.version += 1
    Interview.objects.bulk_update(interviews, ["version"])
    for interview in interviews:
        record_event(interview, action="new-place", actor=actor, from_status=interview.status)
        notify(
            Notification.Event.MOVED,
            interview,
            interviewer_ids(interview),
            and_candidate=True,
            occasion=f"{NEW_PLACE}@{interview.version}",
        )


@dataclass(frozen=True, slots=True)
class ShiftedInterview:
    """An interview of a shift, with its start before and after.

    must_confirm: the candidate had confirmed and has to confirm the new start. warnings: conflicts
    that the coordinator has to confirm with a reason.
    """

    interview: Interview
    starts_at: datetime
    new_starts_at: datetime
    must_confirm: bool
    warnings: tuple[Conflict, ...]


@transaction.atomic
def room_shift(
    *,
    room: Room,
    minutes: int,
    from_: datetime,
    actor: Actor,
    is_preview: bool = False,
    override_reason: str = "",
) -> list[ShiftedInterview]:
    """Reschedule the room's waiting interviews that start at or after `from_` on that local day.

    All are shifted or none. A preview returns the same result without changes, also if warnings
    are not confirmed. Undoing one of the interviews undoes the whole shift. Raises ValidationError
    on `minutes` if they are 0 or over the limit, on `from` if there is nothing to shift, on `room`
    with every interview that another one stands in the way of, and (unless `override_reason` is
    given) on `candidate` and `interviewers` for their conflicts.
    """
    if minutes == 0 or abs(minutes) > MAX_SHIFT_MINUTES:
        text = _("Enter 1 to %(limit)d minutes, earlier or later.") % {"limit": MAX_SHIFT_MINUTES}
        raise ValidationError({"minutes": text})
    waiting = _lock_waiting(room, from_)
    if not waiting:
        raise ValidationError({"from": _("This room has no waiting interviews from that time on.")})
    by = timedelta(minutes=minutes)
    shifted = _plan_shift(waiting, by)
    if not is_preview:
        if not override_reason.strip():
            refuse([conflict for one in shifted for conflict in one.warnings], {})
        _shift(waiting, by, actor, override_reason.strip())
        call_after_commit(ROOM_SHIFTS.inc)
    return shifted


def _plan_shift(waiting: Sequence[Interview], by: timedelta) -> list[ShiftedInterview]:
    """Raises ValidationError on `room` if the room is not free. Takes three queries.

    The shifted interviews cannot be in each other's way, because all of them move.
    """
    zone = ZoneInfo(waiting[0].campaign.time_zone)
    moves = [
        (appointment_of(i), appointment_of(i, starts_at=i.starts_at + by, ends_at=i.ends_at + by))
        for i in waiting
    ]
    calendars = load_calendars(
        [one for move in moves for one in move], zone, exclude=[i.pk for i in waiting]
    )
    found = [find_conflicts(new, calendars, instead_of=old) for old, new in moves]
    taken = [i for i, conflicts in zip(waiting, found, strict=True) if _is_refused(conflicts)]
    if taken:
        raise ValidationError({"room": [_blocked_message(i, by, zone) for i in taken]})
    return [
        ShiftedInterview(
            i, i.starts_at, i.starts_at + by, is_confirmed_by_candidate(i), tuple(conflicts)
        )
        for i, conflicts in zip(waiting, found, strict=True)
    ]


def _is_refused(conflicts: Sequence[Conflict]) -> bool:
    return any(conflict.is_refused for conflict in conflicts)


def _blocked_message(interview: Interview, by: timedelta, zone: ZoneInfo) -> str:
    start = (interview.starts_at + by).astimezone(zone)
    text = gettext(
        "The room is taken at %(time)s, when the interview of %(candidate)s would start."
    )
    return text % {"time": f"{start:%H:%M}", "candidate": interview.application.candidate.name}


def _lock_waiting(room: Room, from_: datetime) -> Sequence[Interview]:
    """Lock the schedules and then the rows of the interviews that a shift moves.

    Returns the interviews by start; their rows are locked by id, to prevent deadlocks. Raises
    ValidationError on `room` if somebody else joined one of them at the same moment.
    """
    waiting = _waiting(room, from_)
    concerned = _people_of(waiting)
    lock_schedules(rooms=[room.pk], interviewers=concerned[0], candidates=concerned[1])
    locked = list(_waiting(room, from_).select_for_update(of=("self",)).order_by("pk"))
    if any(now - then for now, then in zip(_people_of(locked), concerned, strict=True)):
        text = _("The interviews in this room have just changed. Check the preview and try again.")
        raise ValidationError({"room": text})
    return sorted(locked, key=lambda interview: interview.starts_at)


def _people_of(interviews: Iterable[Interview]) -> tuple[set[int], set[int]]:
    """User ids of the interviewers, and candidate ids."""
    people = {a.interviewer_id for i in interviews for a in i.assignments.all()}
    return people, {i.application.candidate_id for i in interviews}


def _waiting(room: Room, from_: datetime) -> InterviewQuerySet:
    zone = ZoneInfo(room.campaign.time_zone)
    midnight = from_.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        Interview.objects.filter(
            room=room,
            status__in=WAITING,
            starts_at__gte=from_,
            starts_at__lt=midnight + timedelta(days=1),
        )
        .select_related("campaign", "room", "application__candidate")
        .prefetch_related("assignments")
    )


def _shift(interviews: Sequence[Interview], by: timedelta, actor: Actor, reason: str) -> None:
    batch, now = uuid4(), timezone.now()
    events = []
    for interview in interviews:
        before = undo_state_of(interview)
        from_status = interview.status
        for name, value in confirmation_reset(interview, interview.starts_at + by).items():
            setattr(interview, name, value)
        interview.starts_at += by
        interview.ends_at += by
        interview.version += 1
        events.append(
            InterviewEvent(
                interview=interview,
                at=now,
                by=actor.user,
                source=actor.source,
                action="shift",
                from_status=from_status,
                to_status=interview.status,
                reason=reason,
                batch=batch,
                before=before,
                version=interview.version,
            )
        )
    try:
        with transaction.atomic():
            fields = ["starts_at", "ends_at", "status", "version"]
            Interview.objects.bulk_update(interviews, fields)
    except IntegrityError as error:
        raise validation_error_of(error) from error
    InterviewEvent.objects.bulk_create(events)
    for interview in interviews:
        notify(Notification.Event.MOVED, interview, interviewer_ids(interview), and_candidate=True)
