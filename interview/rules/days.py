"""Local days: on which day an interview takes place, and which days' lists show it.

A day is that of the campaign's time zone. Boards and walls show one day; today's also shows what
earlier days still owe. Topics, signals and the clock sweep call these functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from interview.models import InterviewRecord
from interview.models.states import ENDED, Status
from interview.models.time_zones import local_day, zone_of

DAY = timedelta(days=1)
OWN_LIST_DAYS = 30
"""A person's own list goes back so many days."""


def today(time_zone: str) -> date:
    return local_day(timezone.now(), time_zone)


def bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The start of the day and that of the next one, in UTC. A day may have 23 or 25 hours."""
    zone = zone_of(time_zone)
    return _midnight(day, zone), _midnight(day + DAY, zone)


def today_bounds(time_zone: str) -> tuple[datetime, datetime]:
    return bounds(today(time_zone), time_zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def listed_on(day: date, time_zone: str) -> Q:
    """Condition for the interviews that a day's list shows; the same rule as `is_listed`."""
    start, end = bounds(day, time_zone)
    own = Q(starts_at__gte=start, starts_at__lt=end)
    if day != today(time_zone):
        return own
    return own | Q(starts_at__lt=start) & ~Q(status__in=ENDED)


def is_listed(record: InterviewRecord, day: date) -> bool:
    """True if the day's list shows the interview: one of that day, or on today's an earlier one
    that is unfinished.
    """
    if record.day == day:
        return True
    return record.day < day == today(record.time_zone) and record.status not in ENDED


def possible_days(starts: Iterable[datetime], time_zone: str) -> set[date]:
    """The days whose lists may show an interview with one of these starts, whatever its status."""
    now = today(time_zone)
    days = {local_day(start, time_zone) for start in starts}
    return days | {now} if any(day < now for day in days) else days


def own_list(now: datetime) -> Q:
    """Condition for the interviews in people's own lists, and for few others."""
    since = now - (OWN_LIST_DAYS + 1) * DAY
    return Q(starts_at__gte=since) | Q(status=Status.FEEDBACK_DUE)


def is_in_own_list(record: InterviewRecord) -> bool:
    """True from OWN_LIST_DAYS back on, and as long as feedback is due."""
    first = today(record.time_zone) - OWN_LIST_DAYS * DAY
    return record.day >= first or record.status == Status.FEEDBACK_DUE
