"""When reminders and scorecard reminders are due: rules without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from interview.models.reminders import ReminderSettings, check_country, check_minutes
from interview.notifications.reminders.due import Window, due_before
from interview.notifications.reminders.working_days import WorkdaySchedule, scorecard_reminder_due
from interview.notifications.texts import time_left

START = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
DAY, HOUR, TEN = timedelta(days=1), timedelta(hours=1), timedelta(minutes=10)
OFFSETS = ReminderSettings().offsets
SECOND = timedelta(seconds=1)


def due(since: datetime, until: datetime, now: datetime | None = None) -> timedelta | None:
    return due_before(START, OFFSETS, Window(since, until, now or until))


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_window_includes_its_start_and_excludes_its_end(offset):
    moment = START - offset
    assert due(moment - SECOND, moment) is None
    assert due(moment, moment + SECOND) == offset
    assert due(moment + SECOND, moment + 2 * SECOND) is None


def test_after_an_outage_only_the_nearest_reminder_is_due_and_none_after_the_start():
    assert due(START - 2 * DAY, START - 3 * HOUR) == DAY
    assert due(START - 2 * DAY, START - timedelta(minutes=40)) == HOUR
    assert due(START - 2 * DAY, START - SECOND) == TEN
    assert due(START - 2 * DAY, START) is None


def test_a_late_sweep_leaves_nearer_reminders_to_the_next_one():
    """A sweep that is an hour late still sends the 24 h reminder, but not once 1 h is due."""
    window = (START - DAY, START - DAY + SECOND)
    assert due(*window, now=START - DAY + HOUR) == DAY
    assert due(*window, now=START - HOUR + SECOND) is None
    assert due(*window, now=START + SECOND) is None


def test_a_campaign_without_reminders_has_none():
    assert due_before(START, [], Window(START - 2 * DAY, START - SECOND, START - SECOND)) is None


@pytest.mark.parametrize(
    ("zone", "start", "moment"),
    [
        # A day before means 24 hours before, also if the clocks change in between.
        ("Asia/Shanghai", datetime(2026, 11, 25, 9, 0), "2026-11-24T09:00:00+08:00"),
        ("Europe/Berlin", datetime(2026, 3, 29, 9, 0), "2026-03-28T08:00:00+01:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 9, 0), "2026-10-24T10:00:00+02:00"),
        ("America/New_York", datetime(2026, 11, 1, 9, 0), "2026-10-31T10:00:00-04:00"),
    ],
)
def test_a_day_before_is_24_hours_before_even_if_the_clocks_change(zone, start, moment):
    begins = start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    expected = datetime.fromisoformat(moment)
    window = Window(expected, expected + SECOND, expected + SECOND)
    assert due_before(begins, [DAY], window) == DAY
    assert due_before(begins, [DAY], Window(expected - HOUR, expected, expected)) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        ([0], "between 1 and 20160"),
        ([20161], "14 days"),
        ([60, 10, 60], "only once"),
        ([1, 2, 3, 4, 5, 6, 7], "up to 6"),
    ],
)
def test_invalid_reminders_are_rejected_with_an_explanation(minutes, words):
    with pytest.raises(ValidationError, match=words):
        check_minutes(minutes)


def test_a_country_without_known_working_days_is_rejected_by_name():
    check_country("DE")
    with pytest.raises(ValidationError, match="“XX”"):
        check_country("XX")


CHINA = WorkdaySchedule("CN", ZoneInfo("Asia/Shanghai"), time(10), 2)


def reminders_sent(finished: datetime, schedule: WorkdaySchedule) -> list[tuple[str, int, bool]]:
    """All scorecard reminders of sweeps every half hour for three weeks."""
    zone, moment, found = schedule.zone, finished, []
    while moment < finished + 21 * DAY:
        until = moment + timedelta(minutes=30)
        if asking := scorecard_reminder_due(finished, schedule, Window(moment, until, until)):
            here = moment.astimezone(zone)
            found.append((f"{here:%m-%d %H:%M}", asking.number, asking.is_escalated))
        moment = until
    return found


def test_scorecard_reminders_come_after_an_hour_then_on_working_days_then_escalate():
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=CHINA.zone)
    assert reminders_sent(friday, CHINA) == [
        ("11-27 18:00", 0, False),
        ("11-30 10:00", 1, False),
        ("12-01 10:00", 2, False),
        ("12-02 10:00", 3, True),
    ]


def test_a_make_up_working_saturday_counts_and_the_holiday_does_not():
    """2026: the National Day week; 10 October is the make-up working day."""
    before = datetime(2026, 9, 30, 17, 0, tzinfo=CHINA.zone)
    assert [when for when, *_ in reminders_sent(before, CHINA)] == [
        "09-30 18:00",
        "10-08 10:00",
        "10-09 10:00",
        "10-10 10:00",
    ]


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_the_daily_reminder_keeps_its_local_time_when_the_clocks_change(day):
    berlin = WorkdaySchedule("DE", ZoneInfo("Europe/Berlin"), time(10), 1)
    friday = datetime.combine(day, time(15), tzinfo=berlin.zone).astimezone(UTC)
    hours = [when.split()[1] for when, *_ in reminders_sent(friday, berlin)]
    assert hours == ["16:00", "10:00", "10:00"]


def test_after_an_outage_of_days_only_the_latest_scorecard_reminder_is_due():
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA.zone)
    latest = scorecard_reminder_due(
        monday, CHINA, Window(monday, monday + 2 * DAY, monday + 2 * DAY)
    )
    assert (latest.number, latest.is_escalated) == (1, False)
    latest = scorecard_reminder_due(
        monday, CHINA, Window(monday, monday + 30 * DAY, monday + 30 * DAY)
    )
    assert latest.is_escalated


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (600, "10 minutes"),
        (600 - 20, "10 minutes"),
        (3600 - 15, "1 hour"),
        (86400 - 40, "1 day"),
        (2400, "40 minutes"),
        (5 * 3600 + 120, "5 hours"),
    ],
)
def test_the_time_left_is_rounded_to_a_readable_unit(seconds, expected):
    left = time_left(START, START - timedelta(seconds=seconds))
    assert left.replace("\xa0", " ") == expected
