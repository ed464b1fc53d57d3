"""Notices: who should know what of a change, written in the same transaction, once."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.models import Interview, Notification

Event = Notification.Event


def notify(event: str, interview: Interview, recipients: Iterable[int]) -> None:
    """Tell these people of an event of this version of an interview, each of them once.

    The key makes a second attempt for the same version a no-op.
    """
    now = timezone.now()
    for user_id in set(recipients):
        key = f"{event}:{interview.pk}:{interview.version}:{user_id}:in_app"
        Notification.objects.get_or_create(
            idempotency_key=key,
            defaults={
                "recipient_id": user_id,
                "event": event,
                "interview": interview,
                "told_start": interview.starts_at,
                "told_room": interview.room.name,
                "at": now,
            },
        )


def notice_text(notice: Notification) -> str:
    """One sentence in the recipient's language."""
    with translation.override(language_of(notice.recipient)):
        interview = notice.interview
        if interview is None:
            return str(Event(notice.event).label)
        return _sentence(notice.event).format(
            candidate=interview.application.candidate.name,
            room=notice.told_room or interview.room.name,
            time=_time_told(notice, interview),
        )


def _time_told(notice: Notification, interview: Interview) -> str:
    """As it was when the notice was written: a later move has a notice of its own."""
    zone = ZoneInfo(interview.campaign.time_zone)
    return date_format((notice.told_start or interview.starts_at).astimezone(zone), "n-j H:i")


def _sentence(event: str) -> str:
    """The sentences; placeholders: candidate, room, time."""
    return {
        Event.ASSIGNED: _("You interview {candidate} at {time} in {room}."),
        Event.UNASSIGNED: _("Your interview with {candidate} at {time} was handed over."),
        Event.MOVED: _("Your interview with {candidate} now begins at {time} in {room}."),
        Event.CANCELLED: _("Your interview with {candidate} at {time} was cancelled."),
        Event.ARRIVED: _("{candidate} has arrived and waits in {room}."),
        Event.REMINDER: _("Your interview with {candidate} begins at {time} in {room}."),
        Event.FEEDBACK_DUE: _("Your scorecard for {candidate} is due."),
        Event.LATE: _("An interviewer of {candidate} is running late."),
        Event.TASK_FINISHED: _("Your task has finished."),
    }[Event(event)]


def language_of(user: User) -> str:
    """The language this person chose, else the site's."""
    personal = getattr(user, "personal_settings", None)
    return personal.language if personal else settings.LANGUAGE_CODE
