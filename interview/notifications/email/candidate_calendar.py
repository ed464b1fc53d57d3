"""An interview as a calendar file that the candidate downloads from their portal."""

from __future__ import annotations

from icalendar import Calendar

from interview.models import Delivery, Interview
from interview.models.states import NOT_TAKING_PLACE
from interview.notifications.email.calendar_invite import calendar_of
from interview.notifications.email.templates import candidate_email
from interview.notifications.requests import NotificationRequest


def calendar_file(interview: Interview) -> bytes:
    """The entry of the candidate's e-mails as it stands now, in iCalendar format.

    The UID is that of the e-mails, so that calendars update the entry instead of adding a second
    one. METHOD is PUBLISH (RFC 5546, 3.2.1): calendars ask for no reply.
    """
    is_off = interview.status in NOT_TAKING_PLACE
    event = Delivery.Event.CANCELLED if is_off else Delivery.Event.ASSIGNED
    request = NotificationRequest(event=event, interview=interview, now=interview.updated_at)
    message = Delivery(
        event=event,
        interview=interview,
        candidate=interview.application.candidate,
        facts=request.facts(),
        created_at=interview.updated_at,
    )
    calendar: Calendar = calendar_of(message, candidate_email(message), "")
    calendar["method"] = "CANCEL" if is_off else "PUBLISH"
    for entry in calendar.events:
        entry.pop("attendee")
    text: bytes = calendar.to_ical()
    return text
