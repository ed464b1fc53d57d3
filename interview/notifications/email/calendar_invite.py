"""The calendar part of a mail (RFC 5545 and 5546): one entry for each interview and recipient."""

from __future__ import annotations

from datetime import date, timedelta
from email.utils import parseaddr
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import (
    Alarm,
    Calendar,
    Event,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from interview.models import Delivery
from interview.notifications.email.templates import Letter, interview_of, place, told
from interview.notifications.policy import Event as Told

ENTRIES = UUID("6f2a4a1e-5d0b-4a53-9a3c-0c1f1f2a7e55")  # the name space of our entries
ALARM_BEFORE = timedelta(minutes=15)
ZONE_YEARS = timedelta(days=366)  # rules of a time zone are told from this long before the start
METHODS = {
    Told.ASSIGNED: "REQUEST",
    Told.MOVED: "REQUEST",
    Told.CANCELLED: "CANCEL",
    Told.UNASSIGNED: "CANCEL",
}


def method_of(delivery: Delivery) -> str:
    """REQUEST, CANCEL, or nothing for events that change no calendar."""
    return METHODS.get(Told(delivery.event), "")


def uid_of(interview_id: int, recipient: str) -> str:
    """The entry's UID in every calendar. recipient: "u" and a user id, or `attendee_id`."""
    return f"{uuid5(ENTRIES, f'{interview_id}:{recipient}')}@recruit-live"


def recipient_of(delivery: Delivery) -> str:
    if delivery.candidate_id:
        return interview_of(delivery).attendee_id
    return f"u{delivery.person_id}"


def calendar_of(delivery: Delivery, letter: Letter, address: str) -> Calendar:
    """A calendar of one entry, for one recipient.

    SEQUENCE is the version of the interview that the message tells of: every change raises it, an
    undo as well. Raises KeyError for an event that changes no calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Recruit Live//Interviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", METHODS[Told(delivery.event)])
    entry = _entry(delivery, letter, address)
    calendar.add_component(entry)
    start = told(delivery, "starts_at").date()
    add_time_zones(calendar, first=start - ZONE_YEARS, last=start + ZONE_YEARS)
    return calendar


def add_time_zones(calendar: Calendar, *, first: date, last: date) -> None:
    """Bring along the rules of the time zones named in it, as they are between these days.

    From a recent day on: the whole history would bring the summer times of 1986 to 1991 along.
    """
    calendar.add_missing_timezones(first_date=first, last_date=last)
    for zone in calendar.timezones:
        for begins in (zone.standard, zone.daylight):
            for observance in begins:
                _tell_on_the_old_clock(observance)


def _tell_on_the_old_clock(observance: TimezoneStandard | TimezoneDaylight) -> None:
    """When an observance begins is told on the clock that was in use before it (RFC 5545, 3.6.5).

    The library tells it on the new one: where clocks are put forward, that is later by as much.
    """
    gained = observance.TZOFFSETTO - observance.TZOFFSETFROM
    if gained <= timedelta():
        return
    observance.DTSTART -= gained
    if "RDATE" in observance:
        others = [begins.dt - gained for begins in observance.pop("RDATE").dts]
        observance.add("RDATE", others)


def _entry(delivery: Delivery, letter: Letter, address: str) -> Event:
    interview = interview_of(delivery)
    zone = ZoneInfo(interview.campaign.time_zone)
    is_off = method_of(delivery) == "CANCEL"
    entry = Event()
    entry.add("uid", uid_of(interview.pk, recipient_of(delivery)))
    entry.add("sequence", delivery.facts["version"])
    entry.add("dtstamp", delivery.created_at)
    entry.add("dtstart", told(delivery, "starts_at").astimezone(zone))
    entry.add("dtend", told(delivery, "ends_at").astimezone(zone))
    entry.add("summary", _summary(delivery))
    entry.add("description", _description(letter))
    entry.add("location", place(delivery))
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    entry.add("organizer", _organizer())
    entry.add("attendee", _attendee(address))
    if letter.link and not delivery.candidate_id:  # calendars are shared, his own page is not
        entry.add("url", letter.link[1])
    if not is_off:
        entry.add_component(_alarm(letter))
    return entry


def _summary(delivery: Delivery) -> str:
    """What stands in a calendar for months: the interview, not the news about it."""
    application = interview_of(delivery).application
    if delivery.candidate_id:
        return _("Your interview: {job}").format(job=application.job.title)
    return _("Interview: %(candidate)s") % {"candidate": application.candidate.name}


def _description(letter: Letter) -> str:
    return "\n".join(
        [letter.text, "", *(f"{label}: {value}" for label, value in letter.facts), letter.note]
    ).strip()


def _organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or address)
    return organizer


def _attendee(address: str) -> vCalAddress:
    """Only the recipient himself: nobody learns from it who else takes part."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["cutype"] = vText("INDIVIDUAL")
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    attendee.params["rsvp"] = vText("FALSE")  # answers by calendar are not read
    return attendee


def _alarm(letter: Letter) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", letter.subject)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm
