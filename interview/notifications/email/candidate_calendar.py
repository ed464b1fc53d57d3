"""An interview as a file for its candidate's calendar: what his mail would bring, to be fetched."""

from __future__ import annotations

from icalendar import Calendar

from interview.models import Delivery, Interview
from interview.models.states import NOT_TAKING_PLACE
from interview.notifications.email.calendar_invite import calendar_of
from interview.notifications.email.templates import to_candidate
from interview.notifications.planning import Told


def invitation_of(interview: Interview) -> bytes:
    """The entry of his invites, as it stands now: calendars that know it change it, and have none
    twice. Published (RFC 5546, 3.2.1): nobody is asked to answer.
    """
    is_off = interview.status in NOT_TAKING_PLACE
    event = Delivery.Event.CANCELLED if is_off else Delivery.Event.ASSIGNED
    told = Told(event=event, interview=interview, now=interview.updated_at)
    message = Delivery(
        event=event,
        interview=interview,
        candidate=interview.application.candidate,
        facts=told.facts(),
        created_at=interview.updated_at,
    )
    calendar: Calendar = calendar_of(message, to_candidate(message), "")
    calendar["method"] = "CANCEL" if is_off else "PUBLISH"
    for entry in calendar.events:
        entry.pop("attendee")
    text: bytes = calendar.to_ical()
    return text
