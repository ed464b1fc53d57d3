"""Content of e-mails by event, in the reader's language; `message` renders and formats it.

`TEMPLATES` and `CANDIDATE_TEMPLATES` map an event to a function of the delivery, which runs with
the reader's language and time zone active. Modules with events of their own add to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.models import Delivery, Interview
from interview.models.labels import localized_name, short_date_time
from interview.notifications.requests import NEW_PLACE, kind_of
from interview.notifications.texts import sentence_of, time_left
from jobs.applications.links import link_of
from jobs.models import Application

Event = Delivery.Event
FOR_COORDINATORS = ("escalated", "nobody_attended")  # scorecards that others have to write


@dataclass(frozen=True, slots=True)
class EmailContent:
    """Texts of one e-mail.

    facts  label and value, in reading order
    link   label and absolute URL of the button
    note   a last line in small print
    """

    subject: str
    text: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    link: tuple[str, str] | None = None
    note: str = ""


def content_of(delivery: Delivery) -> EmailContent:
    """Raises KeyError for an event without a template."""
    if delivery.candidate_id is not None:
        return CANDIDATE_TEMPLATES.get(Event(delivery.event), candidate_email)(delivery)
    return TEMPLATES[Event(delivery.event)](delivery)


def user_email(delivery: Delivery) -> EmailContent:
    """To an interviewer or a coordinator, about an interview."""
    interview = interview_of(delivery)
    candidate, job = interview.application.candidate, interview.application.job
    occasion = delivery.facts.get("occasion", "")
    is_author = delivery.event == Event.FEEDBACK_DUE and kind_of(occasion) not in FOR_COORDINATORS
    page = "scorecard" if is_author else "interview"
    label = _("Open the scorecard") if is_author else _("Open the interview")
    return EmailContent(
        subject=f"{_label(delivery)}: {candidate.name} · {short_time(delivery)}",
        text=sentence_of(delivery.event, occasion).format(
            candidate=candidate.name,
            room=delivery.facts["room"],
            time=short_time(delivery),
            left=time_left(planned(delivery, "starts_at"), timezone.now()),
        ),
        facts=[
            *_when_and_where(delivery),
            (_("Candidate"), candidate.name),
            (_("Job"), job.title),
            (_("Round"), localized_name(interview.round)),
        ],
        link=(label, settings.SITE_URL + reverse(page, args=[interview.pk])),
    )


def _label(delivery: Delivery) -> str:
    return _("New room or link") if is_new_place(delivery) else str(Event(delivery.event).label)


def is_new_place(delivery: Delivery) -> bool:
    return kind_of(delivery.facts.get("occasion", "")) == NEW_PLACE


def candidate_email(delivery: Delivery) -> EmailContent:
    """To the candidate: without the briefing, with the link that needs no sign-in."""
    interview = interview_of(delivery)
    job, candidate = interview.application.job.title, interview.application.candidate
    values = {"name": candidate.name, "job": job, "time": short_time(delivery)}
    event = Event(delivery.event)
    subject, text = _new_place_texts() if is_new_place(delivery) else _candidate_texts(event)
    return EmailContent(
        subject=subject.format(**values),
        text=text.format(**values),
        facts=[*_when_and_where(delivery), (_("Job"), job)],
        link=portal_link(interview.application),
        note=_(
            "{campaign} · If you cannot come, let us know on your page or reply to this e-mail."
        ).format(campaign=interview.campaign.name),
    )


def _when_and_where(delivery: Delivery) -> list[tuple[str, str]]:
    """Time and place. A reminder also tells the expected start, if that is later than planned.

    Candidates still come at the planned time: delays shrink as well as grow.
    """
    facts = [(_("Time"), long_time(delivery)), (_("Place"), place(delivery))]
    if "expected_at" in delivery.facts:
        expected = date_format(planned(delivery, "expected_at"), "H:i")
        note = _("about {time}; please come at the planned time")
        text = note.format(time=expected) if delivery.candidate_id else expected
        facts.insert(1, (_("Expected start"), text))
    return facts


def _candidate_texts(event: Event) -> tuple[str, str]:
    """Subject and first sentence. Placeholders: name, job, time."""
    return {
        Event.ASSIGNED: (
            _("Your interview: {job} · {time}"),
            _("{name}, we are looking forward to your interview for {job}."),
        ),
        Event.MOVED: (
            _("Your interview was rescheduled: {job} · {time}"),
            _("{name}, your interview for {job} was rescheduled. The new details are as follows."),
        ),
        Event.CANCELLED: (
            _("Your interview is cancelled: {job} · {time}"),
            _("{name}, your interview for {job} at the time below is cancelled."),
        ),
        Event.OFFERED: (
            _("Please choose a time: {job}"),
            _(
                "{name}, you can choose another time for your interview for {job} on your page."
                " Until you choose, these details apply."
            ),
        ),
        Event.REMINDER: (
            _("Reminder: your interview for {job} · {time}"),
            _("{name}, this is a reminder of your interview for {job}."),
        ),
    }[event]


def _new_place_texts() -> tuple[str, str]:
    return (
        _("New room or link for your interview: {job} · {time}"),
        _("{name}, your interview for {job} has a new room or link. The time stays."),
    )


def portal_link(application: Application) -> tuple[str, str] | None:
    """Label and URL of the candidate portal page. None if the link was revoked."""
    link = link_of(application)
    if link is None:
        return None
    return _("Open your page"), settings.SITE_URL + reverse("my_application", args=[link.token])


def task_finished_email(delivery: Delivery) -> EmailContent:
    page = (_("Open the tasks"), settings.SITE_URL + reverse("tasks"))
    return EmailContent(
        subject=str(Event.TASK_FINISHED.label), text=_("Your task has finished."), link=page
    )


def test_email(delivery: Delivery) -> EmailContent:
    return EmailContent(
        subject=_("Test message from Recruit Live"),
        text=_("This message has arrived, so the e-mail settings are correct."),
    )


TEMPLATES: dict[Event, Callable[[Delivery], EmailContent]] = {
    Event.ASSIGNED: user_email,
    Event.UNASSIGNED: user_email,
    Event.MOVED: user_email,
    Event.CANCELLED: user_email,
    Event.ARRIVED: user_email,
    Event.REMINDER: user_email,
    Event.FEEDBACK_DUE: user_email,
    Event.LATE: user_email,
    Event.EXCUSED: user_email,
    Event.TASK_FINISHED: task_finished_email,
    Event.TEST: test_email,
}
CANDIDATE_TEMPLATES: dict[Event, Callable[[Delivery], EmailContent]] = {}
"""E-mails to candidates that are not about an interview."""


def interview_of(delivery: Delivery) -> Interview:
    assert delivery.interview is not None, "the event belongs to an interview"
    return delivery.interview


def planned(delivery: Delivery, field: str) -> datetime:
    """`starts_at`, `ends_at` or `expected_at` as of the message, in the reader's time zone."""
    return timezone.localtime(datetime.fromisoformat(delivery.facts[field]))


def short_time(delivery: Delivery) -> str:
    return short_date_time(planned(delivery, "starts_at"))


def long_time(delivery: Delivery) -> str:
    """Date, hours and time zone: "2 December 2026 14:00–15:00 (CST)"."""
    start, end = planned(delivery, "starts_at"), planned(delivery, "ends_at")
    hours = f"{date_format(start, 'H:i')}–{date_format(end, 'H:i')}"
    return f"{date_format(start, 'DATE_FORMAT')} {hours} ({timezone.get_current_timezone_name()})"


def place(delivery: Delivery) -> str:
    """The room as of the message; with its current directions and link if it is still the room."""
    room = interview_of(delivery).room
    if room.pk != delivery.facts["room_id"]:
        return str(delivery.facts["room"])
    return " · ".join(filter(None, [delivery.facts["room"], room.directions, room.meeting_url]))
