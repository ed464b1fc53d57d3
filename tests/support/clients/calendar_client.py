"""A calendar client that processes invitations by RFC 5546, sections 3.2 and 2.1.5."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar


def calendar_part(mail: EmailMessage) -> Calendar | None:
    """Returns a mail's calendar; asserts that MIME part and calendar name the same method."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_content())
            assert part.get_param("method") == str(calendar["METHOD"])
            return calendar
    return None


class CalendarClient:
    """One person's calendar: entries by UID; ignores revisions older than the known one."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, datetime]] = {}
        self.entries: dict[str, Any] = {}

    def receive(self, mail: EmailMessage) -> None:
        calendar = calendar_part(mail)
        if calendar is None:
            return
        for event in calendar.walk("VEVENT"):
            uid = str(event["UID"])
            revision = (int(event["SEQUENCE"]), event["DTSTAMP"].dt)
            if uid in self.known and revision <= self.known[uid]:
                continue
            self.known[uid] = revision
            if calendar["METHOD"] == "CANCEL":
                self.entries.pop(uid, None)
            else:
                self.entries[uid] = event
