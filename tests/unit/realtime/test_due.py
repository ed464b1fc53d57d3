"""Due times: equal for all beats, one after a downtime, right on days of 23 or 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django_celery_beat.tzcrontab import TzAwareCrontab

from realtime.background.periodic.due import (
    latest_crontab_time,
    latest_interval_time,
    next_crontab_time,
)

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def crontab(minute: str, hour: str, zone: ZoneInfo = BERLIN) -> TzAwareCrontab:
    return TzAwareCrontab(minute=minute, hour=hour, tz=zone)


def dues(schedule: TzAwareCrontab, start: datetime, end: datetime) -> list[str]:
    """All due times between start and end, in local time."""
    found, moment = [], start
    while (moment := next_crontab_time(schedule, moment)) <= end:
        found.append(moment.astimezone(schedule.tz).strftime("%m-%d %H:%M %z"))
    return found


def test_a_time_in_the_hour_skipped_in_spring_occurs_once() -> None:
    start = datetime(2026, 3, 28, tzinfo=BERLIN)
    assert dues(crontab("30", "2"), start, start + 3 * DAY) == [
        "03-28 02:30 +0100",
        "03-29 03:30 +0200",
        "03-30 02:30 +0200",
    ]


def test_a_time_in_the_hour_repeated_in_autumn_occurs_once() -> None:
    start = datetime(2026, 10, 24, tzinfo=BERLIN)
    assert dues(crontab("30", "2"), start, start + 3 * DAY) == [
        "10-24 02:30 +0200",
        "10-25 02:30 +0200",
        "10-26 02:30 +0100",
    ]


def test_each_crontab_follows_its_own_time_zone() -> None:
    start = datetime(2026, 3, 28, tzinfo=UTC)
    there = [next_crontab_time(crontab("30", "2", zone), start) for zone in (BERLIN, SHANGHAI)]
    assert [one.isoformat() for one in there] == [
        "2026-03-28T01:30:00+00:00",
        "2026-03-28T18:30:00+00:00",
    ]


@pytest.mark.parametrize("day", [datetime(2026, 3, 29), datetime(2026, 10, 25)])
def test_the_latest_due_time_is_right_all_day_when_the_clocks_change(day: datetime) -> None:
    """Checked every seven minutes: never a future time, never one that is not the latest."""
    schedule = crontab("30", "2")
    before = (day - DAY).replace(tzinfo=BERLIN, hour=2, minute=30).astimezone(UTC)
    now, found = before + timedelta(hours=1), set()
    while now < before + 2 * DAY - timedelta(hours=2):
        now += timedelta(minutes=7)
        if (due := next_crontab_time(schedule, before)) <= now:
            found.add(latest_crontab_time(schedule, before, now))
            assert found == {due}
    assert len(found) == 1


@pytest.mark.parametrize("away", [timedelta(minutes=1), timedelta(hours=1), 10 * DAY, 900 * DAY])
def test_after_a_downtime_only_the_latest_time_is_due(away: timedelta) -> None:
    now = datetime(2026, 11, 25, 4, 0, 30, tzinfo=UTC)
    minutely = crontab("*", "*")
    assert latest_crontab_time(minutely, now - away - timedelta(minutes=1), now) == now.replace(
        second=0
    )
    yearly = TzAwareCrontab("0", "12", "*", "1", "1", tz=SHANGHAI)
    if away > 365 * DAY:
        expected = datetime(2026, 1, 1, 4, tzinfo=UTC)
        assert latest_crontab_time(yearly, now - away, now) == expected


def test_all_beats_share_the_grid_of_an_interval() -> None:
    first = datetime(2026, 11, 25, 4, 0, 17, 800, tzinfo=UTC)
    later = first + timedelta(seconds=2)
    ten = timedelta(seconds=10)
    assert latest_interval_time(ten, first) == latest_interval_time(ten, later)
    assert latest_interval_time(ten, first) == datetime(2026, 11, 25, 4, 0, 10, tzinfo=UTC)
