"""Existing bookings of rooms, candidates and interviewers, each read with one query.

Bulk planning, offered times and conflict checks call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from interview.models import OCCUPIES_ROOM, Interview, InterviewAssignment, Room
from interview.models.querysets import InterviewQuerySet
from interview.models.time_spans import Bookings, TimeSpan

DECLINED = InterviewAssignment.Response.DECLINED
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TIMES = ("starts_at", "ends_at", "finished_at")


def enclosing_days(spans: Iterable[TimeSpan], zone: ZoneInfo) -> TimeSpan:
    """The whole local days that contain these spans, plus an hour on either side.

    The hour covers days on which the clocks change. Raises ValueError if there are no spans.
    """
    moments = [moment for span in spans for moment in (span.starts_at, span.ends_at)]
    first, last = (pick(moments).astimezone(zone) for pick in (min, max))
    return TimeSpan(_midnight(first) - HOUR, _midnight(last + DAY) + HOUR)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """The time, room, candidate and interviewers of an interview, scheduled or proposed.

    place: the room that people walk to; None if the room is a video link.
    """

    span: TimeSpan
    room: int
    place: int | None
    candidate: int
    interviewers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Calendars:
    """The existing bookings of rooms, interviewers and candidates."""

    rooms: Bookings
    interviewers: Bookings
    candidates: Bookings


def load_calendars(
    appointments: Sequence[Appointment], zone: ZoneInfo, *, exclude: Iterable[int | None] = ()
) -> Calendars:
    """The bookings of everybody and everything that these appointments need. Takes three queries.

    exclude: ids of interviews to ignore; None (an unsaved interview) is skipped. Raises ValueError
    if there are no appointments.
    """
    within = enclosing_days([one.span for one in appointments], zone)
    people = {person for one in appointments for person in one.interviewers}
    ignored = [*filter(None, exclude)]
    return Calendars(
        room_bookings({one.room for one in appointments}, within, zone, exclude=ignored),
        interviewer_bookings(people, within, zone, exclude=ignored),
        candidate_bookings({one.candidate for one in appointments}, within, zone, exclude=ignored),
    )


def room_bookings(
    rooms: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int] = ()
) -> Bookings:
    """The bookings of these rooms, up to their planned ends. exclude: ids of interviews to ignore.

    An early end does not free a room: the exclusion constraint knows only the planned times.
    """
    booked = _interviews(within, exclude).filter(room__in=rooms)
    rows = booked.values_list("room", "room", "room__kind", "starts_at", "ends_at")
    return _bookings(zone, rows)


def candidate_bookings(
    candidates: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int] = ()
) -> Bookings:
    """The interviews of these candidates, in all their applications and campaigns.

    exclude: ids of interviews to ignore.
    """
    booked = _interviews(within, exclude).filter(application__candidate__in=candidates)
    rows = booked.values_list("application__candidate", "room", "room__kind", *TIMES)
    return _bookings(zone, rows)


def interviewer_bookings(
    people: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int] = ()
) -> Bookings:
    """The interviews of these people in all campaigns, without those that they declined.

    exclude: ids of interviews to ignore.
    """
    booked = _interviews(within, exclude)
    assignments = InterviewAssignment.objects.filter(interviewer__in=people, interview__in=booked)
    fields = (f"interview__{name}" for name in ("room", "room__kind", *TIMES))
    rows = assignments.exclude(response=DECLINED).values_list("interviewer", *fields)
    return _bookings(zone, rows)


def _bookings(zone: ZoneInfo, rows: Iterable[tuple[Any, ...]]) -> Bookings:
    """Bookings of rows that hold an owner's id, the room and its kind, and two or three TIMES."""
    return Bookings(
        zone,
        (
            (owner, occupied_span(*times), place_of(room, kind))
            for owner, room, kind, *times in rows
        ),
    )


def place_of(room: int, kind: str) -> int | None:
    """The room that people walk to, or None for a video link."""
    return None if kind == Room.Kind.VIDEO else room


def _interviews(within: TimeSpan, exclude: Iterable[int]) -> InterviewQuerySet:
    booked = Interview.objects.filter(OCCUPIES_ROOM).exclude(pk__in=[*exclude])
    return booked.overlapping(within.starts_at, within.ends_at)


def occupied_span(
    starts_at: datetime, ends_at: datetime, finished_at: datetime | None = None
) -> TimeSpan:
    """The time that an interview occupies its people: up to its actual end if it finished early.

    The span is empty if the interview finished before its planned start.
    """
    return TimeSpan(starts_at, max(starts_at, min(ends_at, finished_at or ends_at)))
