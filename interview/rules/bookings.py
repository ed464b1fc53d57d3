"""Diaries as the database knows them: one query each, however many are asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from interview.models import HOLDS_ITS_ROOM, Interview, InterviewAssignment
from interview.models.querysets import InterviewQuerySet
from interview.models.time_spans import Diary, Span

DECLINED = InterviewAssignment.Response.DECLINED
DAY = timedelta(days=1)
TIMES = ("starts_at", "ends_at", "finished_at")


def around(spans: Iterable[Span], zone: ZoneInfo) -> Span:
    """The whole days, where the clock of this zone hangs, that these lie in."""
    moments = [moment for span in spans for moment in (span.starts_at, span.ends_at)]
    first, last = (one(moments).astimezone(zone) for one in (min, max))
    return Span(_midnight(first) - DAY / 24, _midnight(last + DAY) + DAY / 24)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def room_diary(
    rooms: Iterable[int], within: Span, zone: ZoneInfo, *, but: Iterable[int] = ()
) -> Diary:
    """What these rooms hold. but: interviews left out, by id."""
    held = _held(within).filter(room__in=rooms).exclude(pk__in=[*but])
    return Diary(zone, ((row[0], span_of(*row[1:])) for row in held.values_list("room", *TIMES)))


def candidate_diary(candidates: Iterable[int], within: Span, zone: ZoneInfo) -> Diary:
    """Where these candidates are expected."""
    held = _held(within).filter(application__candidate__in=candidates)
    rows = held.values_list("application__candidate", *TIMES)
    return Diary(zone, ((row[0], span_of(*row[1:])) for row in rows))


def interviewer_diary(
    people: Iterable[int], within: Span, zone: ZoneInfo, *, but: Iterable[int | None] = ()
) -> Diary:
    """Where these people interview, in whichever campaign. but: interviews left out, by id."""
    parts = InterviewAssignment.objects.filter(
        interviewer__in=people, interview__in=_held(within).exclude(pk__in=[*filter(None, but)])
    ).exclude(response=DECLINED)
    rows = parts.values_list("interviewer", *(f"interview__{name}" for name in TIMES))
    return Diary(zone, ((row[0], span_of(*row[1:])) for row in rows))


def _held(within: Span) -> InterviewQuerySet:
    return Interview.objects.filter(HOLDS_ITS_ROOM).overlapping(within.starts_at, within.ends_at)


def span_of(starts_at: datetime, ends_at: datetime, finished_at: datetime | None) -> Span:
    """One that ended early holds nobody any longer, though it counts for the day."""
    return Span(starts_at, max(starts_at, min(ends_at, finished_at or ends_at)))
