"""When a scorecard that is not in is asked for again: daily, on working days, then no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from interview.notifications.reminders.due import Window
from interview.rules.flags import FEEDBACK_OVERDUE_AFTER

FIRST_AFTER = FEEDBACK_OVERDUE_AFTER


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a campaign asks: at this time of its day, so many times, then its coordinators."""

    country: str
    zone: ZoneInfo
    at: time
    times: int

    def days_in(self, window: Window) -> list[date]:
        """The working days whose moment lies in the window."""
        first = window.since.astimezone(self.zone).date()
        last = window.until.astimezone(self.zone).date()
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [d for d in days if window.holds(self.moment(d)) and self.is_working_day(d)]

    def is_working_day(self, day: date) -> bool:
        return bool(_calendar(self.country).is_working_day(day))

    def moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=self.zone)

    def number_of(self, day: date, finished_at: datetime) -> int:
        """The how-manieth working day this is after the first reminder: 1, 2, …"""
        begins = (finished_at + FIRST_AFTER).astimezone(self.zone).date()
        if day <= begins:
            return 0
        return _calendar(self.country).get_working_days_count(begins + timedelta(days=1), day)


@dataclass(frozen=True, slots=True)
class Asking:
    """One time that scorecards of an interview are asked for."""

    number: int  # 0: an hour after the end; then the daily ones
    is_escalated: bool


def asking_due(finished_at: datetime, rhythm: Rhythm, window: Window) -> Asking | None:
    """What is due of an interview that ended then; after a silence only the latest."""
    for day in reversed(rhythm.days_in(window)):
        number = rhythm.number_of(day, finished_at)
        if 1 <= number <= rhythm.times + 1:
            return Asking(number, is_escalated=number > rhythm.times)
    if window.holds(finished_at + FIRST_AFTER):
        return Asking(0, is_escalated=False)
    return None


@lru_cache(64)
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)
