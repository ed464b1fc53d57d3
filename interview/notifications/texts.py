"""Sentences about events that more than one channel uses, and the language of a recipient."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from interview.models import Notification
from interview.notifications.requests import NEW_PLACE, kind_of

Event = Notification.Event
MINUTE = timedelta(minutes=1)


def language_of(user: User) -> str:
    """Language code that this user chose, else the site's."""
    personal = getattr(user, "personal_settings", None)
    return personal.language if personal else settings.LANGUAGE_CODE


def time_left(start: datetime, at: datetime) -> str:
    """Time from `at` until the start in words, "1 hour, 30 minutes".

    Rounded to minutes, from two hours on to quarters of an hour.
    """
    step = MINUTE if start - at < timedelta(hours=2) else 15 * MINUTE
    steps = round((start - at) / step)
    return timeuntil(at + steps * step, at, depth=2)


def sentence_of(event: str, occasion: str = "") -> str:
    """Sentence for an event. Placeholders: candidate, room, time, left (time until the start)."""
    by_occasion = {
        "candidate_missing": _(
            "{candidate} has not arrived in {room}. The interview was to start at {time}."
        ),
        "interviewer_missing": _(
            "No interviewer has arrived in {room}, where {candidate} is waiting."
            " The interview was to start at {time}."
        ),
        "unconfirmed": _("{candidate} has not confirmed the interview at {time} in {room}."),
        NEW_PLACE: _("Your interview with {candidate} at {time} has a new room or link: {room}."),
        "escalated": _("Scorecards for {candidate} are still missing."),
        "nobody_attended": _(
            "No interviewer attended the interview with {candidate} at {time},"
            " so there is no scorecard."
        ),
    }
    if kind_of(occasion) in by_occasion:
        return by_occasion[kind_of(occasion)]
    return {
        Event.ASSIGNED: _("You interview {candidate} at {time} in {room}."),
        Event.UNASSIGNED: _(
            "Your interview with {candidate} at {time} was assigned to somebody else."
        ),
        Event.MOVED: _("Your interview with {candidate} was rescheduled to {time} in {room}."),
        Event.CANCELLED: _("Your interview with {candidate} at {time} was cancelled."),
        Event.ARRIVED: _("{candidate} has arrived and is waiting in {room}."),
        Event.REMINDER: _("In {left}: your interview with {candidate}, {time}, {room}.")
        if occasion
        else _("Your interview with {candidate} starts at {time} in {room}."),
        Event.FEEDBACK_DUE: _("Your scorecard for {candidate} is due."),
        Event.LATE: _("An interviewer for {candidate} is running late."),
        Event.EXCUSED: _("{candidate} cannot come to the interview at {time}."),
        Event.TASK_FINISHED: _("Your task has finished."),
        Event.ROBOT_ALARM: _(
            "A DingTalk robot cannot send messages. See the admin for the reason."
        ),
    }[Event(event)]


def expectation(expected: datetime) -> str:
    """Sentence about an expected start, given in the reader's time zone."""
    text = _("Earlier interviews are running late: it is expected to start at {time}.")
    return text.format(time=f"{expected:%H:%M}")
