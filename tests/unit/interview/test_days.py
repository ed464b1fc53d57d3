"""On which day an interview is, and which days' lists may show it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from interview.models.time_zones import local_day
from interview.rules import days

BERLIN, BEIJING = "Europe/Berlin", "Asia/Shanghai"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 29), 24)],
)
def test_a_day_lasts_from_midnight_to_midnight_also_when_the_clocks_change(
    day: date, hours: int
) -> None:
    start, end = days.bounds(day, BERLIN)
    assert end - start == hours * HOUR
    assert local_day(start, BERLIN) == day
    assert local_day(end - timedelta(microseconds=1), BERLIN) == day
    assert local_day(end, BERLIN) == day + days.DAY


def test_the_same_moment_is_on_another_day_elsewhere() -> None:
    moment = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
    assert local_day(moment, BERLIN) == date(2026, 11, 29)
    assert local_day(moment, BEIJING) == date(2026, 11, 30)


def test_an_interview_may_be_listed_on_its_days_and_an_earlier_one_also_today(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = date(2026, 11, 29)
    monkeypatch.setattr(days, "today", lambda time_zone: today)

    def possible(*starts: date) -> set[date]:
        return days.possible_days([days.bounds(one, BERLIN)[0] for one in starts], BERLIN)

    yesterday, tomorrow = today - days.DAY, today + days.DAY
    assert possible(today) == {today}
    assert possible(tomorrow) == {tomorrow}
    assert possible(yesterday) == {yesterday, today}
    assert possible(yesterday, tomorrow) == {yesterday, today, tomorrow}, "moved from debt to plan"
