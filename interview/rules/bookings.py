"""Existing bookings of rooms, candidates and interviewers, each read with one query.

Bulk planning, offered times and conflict checks call it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from interview.models import OCCUPIES_ROOM, Interview, InterviewAssignment
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


def room_bookings(
    rooms: Iterable[int], within: TimeSpan, zone: ZoneInfo, *, exclude: Iterable[int] = ()
) -> Bookings:
    """The bookings of these rooms. exclude: ids of interviews to ignore."""
    booked = _interviews(within).filter(room__in=rooms).exclude(pk__in=[*exclude])
    rows = booked.values_list("room", *TIMES)
    return Bookings(zone, ((row[0], occupied_span(*row[1:])) for row in rows))


def candidate_bookings(candidates: Iterable[int], within: TimeSpan, zone: ZoneInfo) -> Bookings:
    """The interviews of these candidates."""
    booked = _interviews(within).filter(application__candidate__in=candidates)
    rows = booked.values_list("application__candidate", *TIMES)
    return Bookings(zone, ((row[0], occupied_span(*row[1:])) for row in rows))


def interviewer_bookings(
    people: Iterable[int],
    within: TimeSpan,
    zone: ZoneInfo,
    *,
    exclude: Iterable[int | None] = (),
) -> Bookings:
    """The interviews of these people in all campaigns, without those that they declined.

    exclude: ids of interviews to ignore; None (an unsaved interview) is skipped.
    """
    booked = _interviews(within).exclude(pk__in=[*filter(None, exclude)])
    assignments = InterviewAssignment.objects.filter(interviewer__in=people, interview__in=booked)
    rows = assignments.exclude(response=DECLINED).values_list(
        "interviewer", *(f"interview__{name}" for name in TIMES)
    )
    return Bookings(zone, ((row[0], occupied_span(*row[1:])) for row in rows))


def _interviews(within: TimeSpan) -> InterviewQuerySet:
    return Interview.objects.filter(OCCUPIES_ROOM).overlapping(within.starts_at, within.ends_at)


def occupied_span(starts_at: datetime, ends_at: datetime, finished_at: datetime | None) -> TimeSpan:
    """The time that an interview occupies: up to its actual end if it finished early.

    The span is empty if the interview finished before its planned start.
    """
    return TimeSpan(starts_at, max(starts_at, min(ends_at, finished_at or ends_at)))
