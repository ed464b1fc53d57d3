"""What a mail says, in the reader's language; `composing` gives it its form.

An event has its letter here: a function of the delivery, called in the reader's language and time
zone. `LETTERS` is where other modules add theirs.
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
from interview.notifications.in_app import kind_of, sentence_of, time_left
from jobs.applications.links import link_of
from jobs.models import Application

Event = Delivery.Event
TO_COORDINATORS = ("escalated", "nobody_attended")  # of scorecards that are others' to write


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail's words.

    facts    label and value, in reading order
    link     label and absolute address of where to go from here
    note     a last line in small print
    """

    subject: str
    text: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    link: tuple[str, str] | None = None
    note: str = ""


def letter_of(delivery: Delivery) -> Letter:
    """The letter of this message. Raises KeyError for an event that has none."""
    if delivery.candidate_id is not None:
        return TO_CANDIDATES.get(Event(delivery.event), to_candidate)(delivery)
    return LETTERS[Event(delivery.event)](delivery)


def to_interviewer(delivery: Delivery) -> Letter:
    interview = interview_of(delivery)
    candidate, job = interview.application.candidate, interview.application.job
    occasion = delivery.facts.get("occasion", "")
    is_asked = delivery.event == Event.FEEDBACK_DUE and kind_of(occasion) not in TO_COORDINATORS
    page = "scorecard" if is_asked else "interview"
    label = _("Open the scorecard") if page == "scorecard" else _("Open the interview")
    return Letter(
        subject=f"{Event(delivery.event).label}: {candidate.name} · {short_time(delivery)}",
        text=sentence_of(delivery.event, occasion).format(
            candidate=candidate.name,
            room=delivery.facts["room"],
            time=short_time(delivery),
            left=time_left(told(delivery, "starts_at"), timezone.now()),
        ),
        facts=[
            (_("Time"), long_time(delivery)),
            (_("Place"), place(delivery)),
            (_("Candidate"), candidate.name),
            (_("Job"), job.title),
            (_("Round"), localized_name(interview.round)),
        ],
        link=(label, settings.SITE_URL + reverse(page, args=[interview.pk])),
    )


def to_candidate(delivery: Delivery) -> Letter:
    """Without briefing, and without a link that needs a sign-in: his own page needs none."""
    interview = interview_of(delivery)
    job, candidate = interview.application.job.title, interview.application.candidate
    words = {"name": candidate.name, "job": job, "time": short_time(delivery)}
    subject, text = _said_to_candidate(Event(delivery.event))
    return Letter(
        subject=subject.format(**words),
        text=text.format(**words),
        facts=[(_("Time"), long_time(delivery)), (_("Place"), place(delivery)), (_("Job"), job)],
        link=own_page(interview.application),
        note=_("{campaign} · If you cannot come, say so on your page or answer this mail.").format(
            campaign=interview.campaign.name
        ),
    )


def _said_to_candidate(event: Event) -> tuple[str, str]:
    """Subject and first sentence, with `{name}`, `{job}` and `{time}` to be filled in."""
    return {
        Event.ASSIGNED: (
            _("Your interview: {job} · {time}"),
            _("{name}, we are looking forward to your interview for {job}."),
        ),
        Event.MOVED: (
            _("Your interview has moved: {job} · {time}"),
            _("{name}, your interview for {job} has moved. It now takes place as follows."),
        ),
        Event.CANCELLED: (
            _("Your interview does not take place: {job} · {time}"),
            _("{name}, your interview for {job} at the time below does not take place."),
        ),
        Event.OFFERED: (
            _("Please choose a time: {job}"),
            _(
                "{name}, your interview for {job} may take place at another time: choose one on"
                " your page. Until then it stays as follows."
            ),
        ),
        Event.REMINDER: (
            _("Reminder of your interview: {job} · {time}"),
            _("{name}, your interview for {job} is soon."),
        ),
    }[event]


def own_page(application: Application) -> tuple[str, str] | None:
    """Label and address of the applicant's own page, unless it was closed."""
    link = link_of(application)
    if link is None:
        return None
    return _("Open your page"), settings.SITE_URL + reverse("my_application", args=[link.token])


def of_finished_work(delivery: Delivery) -> Letter:
    page = (_("Open the tasks"), settings.SITE_URL + reverse("tasks"))
    return Letter(
        subject=str(Event.TASK_FINISHED.label), text=_("Your task has finished."), link=page
    )


def of_test(delivery: Delivery) -> Letter:
    return Letter(
        subject=_("A test message of Recruit Live"),
        text=_("This message arrives: the e-mail settings are right."),
    )


LETTERS: dict[Event, Callable[[Delivery], Letter]] = {
    Event.ASSIGNED: to_interviewer,
    Event.UNASSIGNED: to_interviewer,
    Event.MOVED: to_interviewer,
    Event.CANCELLED: to_interviewer,
    Event.ARRIVED: to_interviewer,
    Event.REMINDER: to_interviewer,
    Event.FEEDBACK_DUE: to_interviewer,
    Event.LATE: to_interviewer,
    Event.EXCUSED: to_interviewer,
    Event.TASK_FINISHED: of_finished_work,
    Event.TEST: of_test,
}
TO_CANDIDATES: dict[Event, Callable[[Delivery], Letter]] = {}
"""What candidates are told of no interview; other modules add theirs."""


def interview_of(delivery: Delivery) -> Interview:
    assert delivery.interview is not None, "this event is one of an interview"
    return delivery.interview


def told(delivery: Delivery, moment: str) -> datetime:
    """`starts_at` or `ends_at` as they were when the message was written, on the reader's clock."""
    return timezone.localtime(datetime.fromisoformat(delivery.facts[moment]))


def short_time(delivery: Delivery) -> str:
    return short_date_time(told(delivery, "starts_at"))


def long_time(delivery: Delivery) -> str:
    """Day, hours, and whose clock that is."""
    start, end = told(delivery, "starts_at"), told(delivery, "ends_at")
    hours = f"{date_format(start, 'H:i')}–{date_format(end, 'H:i')}"
    return f"{date_format(start, 'DATE_FORMAT')} {hours} ({timezone.get_current_timezone_name()})"


def place(delivery: Delivery) -> str:
    """The room told of; its directions and link as they are now, if it is still that room."""
    room = interview_of(delivery).room
    if room.pk != delivery.facts["room_id"]:
        return str(delivery.facts["room"])
    return " · ".join(filter(None, [delivery.facts["room"], room.directions, room.meeting_url]))
