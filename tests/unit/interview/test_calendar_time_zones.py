"""The VTIMEZONE components of a calendar agree with the time zone database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from interview.notifications.email.calendar_invite import add_time_zones

FIRST, LAST = date(2025, 7, 1), date(2027, 7, 1)
HALF_HOUR = timedelta(minutes=30)
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "Europe/Dublin",  # its winter is the exception, by its own law
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "America/Santiago",  # at midnight
    "Asia/Kolkata",
]


def as_sent(zone: str) -> Calendar:
    event = Event()
    event.add("dtstart", datetime(2026, 7, 1, 9, tzinfo=ZoneInfo(zone)))
    calendar = Calendar()
    calendar.add_component(event)
    add_time_zones(calendar, first=FIRST, last=LAST)
    return Calendar.from_ical(calendar.to_ical())


def around_every_change(zone: ZoneInfo) -> list[datetime]:
    """Each half hour of the days on which the clocks change, and each noon."""
    moments = []
    day = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + timedelta(days=2)
    while day.date() < LAST - timedelta(days=2):
        moments.append(day)
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            moments += [day + number * HALF_HOUR for number in range(1, 48)]
        day = following
    return moments


@pytest.mark.parametrize("name", ZONES)
def test_calendar_times_match_the_local_time_of_the_interview(name):
    [zone] = as_sent(name).walk("VTIMEZONE")
    theirs, ours = zone.to_tz(lookup_tzid=False), ZoneInfo(name)
    wrong = [
        f"{moment:%Y-%m-%d %H:%M}Z"
        for moment in around_every_change(ours)
        if calendar_offset(zone, moment) != moment.astimezone(ours).utcoffset()
        or moment.astimezone(ours).replace(tzinfo=theirs).utcoffset()
        != moment.astimezone(ours).utcoffset()
    ]
    assert not wrong


def calendar_offset(zone, moment: datetime) -> timedelta:
    """Offset by RFC 5545, 3.6.5: that of the observance with the last onset before `moment`."""
    begun = [
        (begins.replace(tzinfo=UTC) - part.TZOFFSETFROM, part.TZOFFSETTO)
        for part in (*zone.standard, *zone.daylight)
        for begins in [part.DTSTART, *(one.dt for one in getattr(part.get("RDATE"), "dts", []))]
    ]
    return max(one for one in begun if one[0] <= moment)[1]


def test_the_entry_for_shanghai_contains_no_summer_time():
    [zone] = as_sent("Asia/Shanghai").walk("VTIMEZONE")
    assert not zone.walk("DAYLIGHT")
