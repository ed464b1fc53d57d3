"""The calendar part of an e-mail (RFC 5545, RFC 5546): one entry per interview and recipient."""

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
from interview.notifications.email.templates import EmailContent, interview_of, place, planned
from interview.notifications.policy import Event as Notified

UID_NAMESPACE = UUID("6f2a4a1e-5d0b-4a53-9a3c-0c1f1f2a7e55")  # name space of the UIDs
ALARM_BEFORE = timedelta(minutes=15)
ZONE_YEARS = timedelta(days=366)  # VTIMEZONE covers this long before and after the start
METHODS = {
    Notified.ASSIGNED: "REQUEST",
    Notified.MOVED: "REQUEST",
    Notified.CANCELLED: "CANCEL",
    Notified.UNASSIGNED: "CANCEL",
}


def method_of(delivery: Delivery) -> str:
    """iTIP method: REQUEST, CANCEL, or "" for events that change no calendar."""
    return METHODS.get(Notified(delivery.event), "")


def uid_of(interview_id: int, recipient: str) -> str:
    """UID of the entry, the same in every message. recipient: "u5" for a user, or `attendee_id`."""
    return f"{uuid5(UID_NAMESPACE, f'{interview_id}:{recipient}')}@recruit-live"


def recipient_of(delivery: Delivery) -> str:
    if delivery.candidate_id:
        return interview_of(delivery).attendee_id
    return f"u{delivery.person_id}"


def calendar_of(delivery: Delivery, content: EmailContent, address: str) -> Calendar:
    """A calendar with one entry, for one recipient.

    SEQUENCE is the interview's version as of the message: every change raises it, and so does an
    undo. Raises KeyError for an event that changes no calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Recruit Live//Interviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", METHODS[Notified(delivery.event)])
    entry = _entry(delivery, content, address)
    calendar.add_component(entry)
    start = planned(delivery, "starts_at").date()
    add_time_zones(calendar, first=start - ZONE_YEARS, last=start + ZONE_YEARS)
    return calendar


def add_time_zones(calendar: Calendar, *, first: date, last: date) -> None:
    """Add a VTIMEZONE for each time zone that the calendar uses, limited to these days.

    Without the limit, the file would include historic rules, such as China's summer times of 1986
    to 1991.
    """
    calendar.add_missing_timezones(first_date=first, last_date=last)
    for zone in calendar.timezones:
        for observances in (zone.standard, zone.daylight):
            for observance in observances:
                _use_previous_offset(observance)


def _use_previous_offset(observance: TimezoneStandard | TimezoneDaylight) -> None:
    """Correct the onset of an observance to the local time before it (RFC 5545, 3.6.5).

    icalendar writes the local time after the change, which is later when clocks go forward.
    """
    gained = observance.TZOFFSETTO - observance.TZOFFSETFROM
    if gained <= timedelta():
        return
    observance.DTSTART -= gained
    if "RDATE" in observance:
        others = [onset.dt - gained for onset in observance.pop("RDATE").dts]
        observance.add("RDATE", others)


def _entry(delivery: Delivery, content: EmailContent, address: str) -> Event:
    interview = interview_of(delivery)
    zone = ZoneInfo(interview.campaign.time_zone)
    is_off = method_of(delivery) == "CANCEL"
    entry = Event()
    entry.add("uid", uid_of(interview.pk, recipient_of(delivery)))
    entry.add("sequence", delivery.facts["version"])
    entry.add("dtstamp", delivery.created_at)
    entry.add("dtstart", planned(delivery, "starts_at").astimezone(zone))
    entry.add("dtend", planned(delivery, "ends_at").astimezone(zone))
    entry.add("summary", _summary(delivery))
    entry.add("description", _description(content))
    entry.add("location", place(delivery))
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    entry.add("organizer", _organizer())
    entry.add("attendee", _attendee(address))
    # Calendars are shared, and the candidate's link is private.
    if content.link and not delivery.candidate_id:
        entry.add("url", content.link[1])
    if not is_off:
        entry.add_component(_alarm(content))
    return entry


def _summary(delivery: Delivery) -> str:
    """The entry stays in the calendar for months, so it names the interview, not the change."""
    application = interview_of(delivery).application
    if delivery.candidate_id:
        return _("Your interview: {job}").format(job=application.job.title)
    return _("Interview: %(candidate)s") % {"candidate": application.candidate.name}


def _description(content: EmailContent) -> str:
    return "\n".join(
        [content.text, "", *(f"{label}: {value}" for label, value in content.facts), content.note]
    ).strip()


def _organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or address)
    return organizer


def _attendee(address: str) -> vCalAddress:
    """Only the recipient: an entry must not reveal who else takes part."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["cutype"] = vText("INDIVIDUAL")
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    attendee.params["rsvp"] = vText("FALSE")  # calendar replies are not read
    return attendee


def _alarm(content: EmailContent) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", content.subject)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm
