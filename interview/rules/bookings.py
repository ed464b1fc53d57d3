"""Diaries as the database knows them: one query each, however many are asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from interview.models import OCCUPIES_ROOM, Interview, InterviewAssignment
from interview.models.querysets import InterviewQuerySet
from interview.models.time_spans import Bookings, TimeSpan

DECLINED = InterviewAssignment.Response.DECLINED
DAY = timedelta(days=1)
TIMES = ("starts_at", "ends_at", "finished_at")


def enclosing_days(spans: Iterable[TimeSpan], zone: ZoneInfo) -> TimeSpan:
    """The whole days, where the clock of this zone hangs, that these lie in."""
    moments = [moment for span in spans for moment in (span.starts_at, span.ends_at)]
    first, last = (one(moments).astimezone(zone) for one in (min, max))
    return TimeSpan(_midnight(first) - DAY / 24, _midnight(last + DAY) + DAY / 24)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def room_bookings(
    rooms: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int] = ()
) -> Bookings:
    """What these rooms hold. exclude: interviews left out, by id."""
    held = _held(within).filter(room__in=rooms).exclude(pk__in=[*exclude])
    return Bookings(
        zone, ((row[0], occupied_span(*row[1:])) for row in held.values_list("room", *TIMES))
    )


def candidate_bookings(candidates: Iterable[int], within: TimeSpan, zone: ZoneInfo) -> Bookings:
    """Where these candidates are expected."""
    held = _held(within).filter(application__candidate__in=candidates)
    rows = held.values_list("application__candidate", *TIMES)
    return Bookings(zone, ((row[0], occupied_span(*row[1:])) for row in rows))


def interviewer_bookings(
    people: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int | None] = ()
) -> Bookings:
    """Where these people interview, in whichever campaign. exclude: interviews left out, by id."""
    parts = InterviewAssignment.objects.filter(
        interviewer__in=people, interview__in=_held(within).exclude(pk__in=[*filter(None, exclude)])
    ).exclude(response=DECLINED)
    rows = parts.values_list("interviewer", *(f"interview__{name}" for name in TIMES))
    return Bookings(zone, ((row[0], occupied_span(*row[1:])) for row in rows))


def _held(within: TimeSpan) -> InterviewQuerySet:
    return Interview.objects.filter(OCCUPIES_ROOM).overlapping(within.starts_at, within.ends_at)


def occupied_span(starts_at: datetime, ends_at: datetime, finished_at: datetime | None) -> TimeSpan:
    """One that ended early holds nobody any longer, though it counts for the day."""
    return TimeSpan(starts_at, max(starts_at, min(ends_at, finished_at or ends_at)))
