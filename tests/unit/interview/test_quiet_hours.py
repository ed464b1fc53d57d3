"""Quiet hours end where the person's clock says so, in every night of the year."""

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
def test_a_night_goes_over_midnight(moment, end):
    assert quiet_end(at(moment), begins=time(22), ends=time(7, 30), zone=BEIJING) == at(end)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-25 11:59", "2026-11-25 11:59"),
        ("2026-11-25 12:30", "2026-11-25 14:00"),
        ("2026-11-25 14:00", "2026-11-25 14:00"),
    ],
)
def test_a_noon_break_stays_within_its_day(moment, end):
    assert quiet_end(at(moment), begins=time(12), ends=time(14), zone=BEIJING) == at(end)


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter():
    evening = at("2026-03-28 22:00", BERLIN)
    end = quiet_end(evening, begins=time(22), ends=time(7), zone=BERLIN)
    assert (end - evening).total_seconds() == 8 * 3600


def test_an_end_that_the_clock_skips_comes_when_it_has_gone_forward():
    end = quiet_end(at("2026-03-29 00:30", BERLIN), begins=time(22), ends=time(2, 30), zone=BERLIN)
    assert end == at("2026-03-29 03:30", BERLIN)


def test_an_hour_shown_twice_is_quiet_to_its_second_end():
    second = at("2026-10-25 02:10", BERLIN, fold=1)
    end = quiet_end(second, begins=time(22), ends=time(2, 30), zone=BERLIN)
    assert end == at("2026-10-25 02:30", BERLIN, fold=1)
    assert end > second
