"""When to remind of a missing scorecard: an hour after the end, then daily on working days, then
not again. No database access.
"""

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
class WorkdaySchedule:
    """Schedule of a campaign's daily scorecard reminders.

    country  ISO code, for public holidays
    at       time of the reminder in `zone`
    times    daily reminders before the coordinators are notified
    """

    country: str
    zone: ZoneInfo
    at: time
    times: int

    def days_in(self, window: Window) -> list[date]:
        """Working days whose reminder time is in the window."""
        first = window.since.astimezone(self.zone).date()
        last = window.until.astimezone(self.zone).date()
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [d for d in days if window.contains(self.moment(d)) and self.is_working_day(d)]

    def is_working_day(self, day: date) -> bool:
        return bool(_calendar(self.country).is_working_day(day))

    def moment(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=self.zone)

    def number_of(self, day: date, finished_at: datetime) -> int:
        """Ordinal of this working day after the first reminder: 1, 2, …; 0 for earlier days."""
        begins = (finished_at + FIRST_AFTER).astimezone(self.zone).date()
        if day <= begins:
            return 0
        return _calendar(self.country).get_working_days_count(begins + timedelta(days=1), day)


@dataclass(frozen=True, slots=True)
class ScorecardReminder:
    """One reminder of the missing scorecards of an interview.

    number        0: an hour after the end; 1, 2, …: the daily ones
    is_escalated  it goes to the coordinators
    """

    number: int
    is_escalated: bool


def scorecard_reminder_due(
    finished_at: datetime, schedule: WorkdaySchedule, window: Window
) -> ScorecardReminder | None:
    """Return the latest reminder that is due in the window, or None."""
    for day in reversed(schedule.days_in(window)):
        number = schedule.number_of(day, finished_at)
        if 1 <= number <= schedule.times + 1:
            return ScorecardReminder(number, is_escalated=number > schedule.times)
    if window.contains(finished_at + FIRST_AFTER):
        return ScorecardReminder(0, is_escalated=False)
    return None


@lru_cache(64)
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)
