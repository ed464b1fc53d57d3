"""Checks an interview for conflicts before a service saves it, and previews them for pages.

The decision is that of `rules.conflicts`; the services hold the locks of `schedule_locks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from interview.models import Interview, Room
from interview.models.time_spans import TimeSpan
from interview.rules.bookings import Appointment, load_calendars, place_of
from interview.rules.conflicts import Conflict, confirmation_hint, find_conflicts
from interview.rules.planned_interviews import active_assignments
from realtime.display_names import display_name


def appointment_of(
    interview: Interview,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    room: Room | None = None,
    interviewers: Iterable[int] | None = None,
) -> Appointment:
    """The interview's time, room and people, with these values instead of its own.

    Interviewers who have declined do not count.
    """
    if interviewers is None:
        interviewers = [one.interviewer_id for one in active_assignments(interview)]
    held_in = room or interview.room
    return Appointment(
        span=TimeSpan(starts_at or interview.starts_at, ends_at or interview.ends_at),
        room=held_in.pk,
        place=place_of(held_in.pk, held_in.kind),
        candidate=interview.application.candidate_id,
        interviewers=tuple(interviewers),
    )


def conflicts_of(
    interview: Interview, appointment: Appointment, *, instead_of: Appointment | None = None
) -> list[Conflict]:
    """All conflicts that this appointment of the interview would have. Takes three queries."""
    zone = ZoneInfo(interview.campaign.time_zone)
    calendars = load_calendars([appointment], zone, exclude=[interview.pk])
    return find_conflicts(appointment, calendars, instead_of=instead_of)


def check_conflicts(
    interview: Interview,
    appointment: Appointment,
    *,
    is_confirmed: bool,
    instead_of: Appointment | None = None,
    fields: Mapping[str, str] | None = None,
) -> None:
    """Raise ValidationError by field with all conflicts: a taken room, and unconfirmed warnings.

    is_confirmed: True if the coordinator gave a reason. fields: names of the fields in the request,
    where they differ from `Conflict.field`.
    """
    found = conflicts_of(interview, appointment, instead_of=instead_of)
    refuse([one for one in found if one.is_refused or not is_confirmed], fields or {})


def refuse(conflicts: Iterable[Conflict], fields: Mapping[str, str]) -> None:
    """Raise ValidationError by field if there are conflicts."""
    found = list(conflicts)
    names = names_in(found)
    reasons: dict[str, list[str]] = {}
    for one in found:
        reasons.setdefault(fields.get(one.field, one.field), []).append(one.message(names))
    for one in found:
        field = fields.get(one.field, one.field)
        if not one.is_refused and reasons[field][-1] != confirmation_hint():
            reasons[field].append(confirmation_hint())
    if reasons:
        raise ValidationError(dict[str, Any](reasons))


def names_in(conflicts: Iterable[Conflict]) -> dict[int, str]:
    """Display names of the interviewers in these conflicts, by user id. Takes at most one query."""
    people = {one.owner_id for one in conflicts if one.field == "interviewers"}
    found = User.objects.in_bulk(people) if people else {}
    return {pk: display_name(person) for pk, person in found.items()}


def preview_conflicts(
    interview: Interview,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    room: Room | None = None,
) -> list[Conflict]:
    """All conflicts that the interview would have at this time and in this room."""
    wanted = appointment_of(interview, starts_at=starts_at, ends_at=ends_at, room=room)
    return conflicts_of(interview, wanted, instead_of=appointment_of(interview))
