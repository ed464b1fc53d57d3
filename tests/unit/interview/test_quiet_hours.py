"""Quiet hours end by the person's local time, on every day of the year."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from interview.notifications.quiet_hours import quiet_end

BEIJING, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BEIJING, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-25 21:59", "2026-11-25 21:59"),
        ("2026-11-25 22:00", "2026-11-26 07:30"),
        ("2026-11-26 00:30", "2026-11-26 07:30"),
        ("2026-11-26 07:29", "2026-11-26 07:30"),
        ("2026-11-26 07:30", "2026-11-26 07:30"),
    ],
)
def test_quiet_hours_may_span_midnight(moment, end):
    assert quiet_end(at(moment), begins=time(22), ends=time(7, 30), zone=BEIJING) == at(end)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-25 11:59", "2026-11-25 11:59"),
        ("2026-11-25 12:30", "2026-11-25 14:00"),
        ("2026-11-25 14:00", "2026-11-25 14:00"),
    ],
)
def test_quiet_hours_may_lie_within_one_day(moment, end):
    assert quiet_end(at(moment), begins=time(12), ends=time(14), zone=BEIJING) == at(end)


def test_quiet_hours_are_an_hour_shorter_when_clocks_go_forward():
    evening = at("2026-03-28 22:00", BERLIN)
    end = quiet_end(evening, begins=time(22), ends=time(7), zone=BERLIN)
    assert (end - evening).total_seconds() == 8 * 3600


def test_an_end_in_the_skipped_hour_comes_after_the_clock_change():
    end = quiet_end(at("2026-03-29 00:30", BERLIN), begins=time(22), ends=time(2, 30), zone=BERLIN)
    assert end == at("2026-03-29 03:30", BERLIN)


def test_an_hour_that_occurs_twice_is_quiet_until_its_second_end():
    second = at("2026-10-25 02:10", BERLIN, fold=1)
    end = quiet_end(second, begins=time(22), ends=time(2, 30), zone=BERLIN)
    assert end == at("2026-10-25 02:30", BERLIN, fold=1)
    assert end > second
