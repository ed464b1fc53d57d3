"""Alarms for coordinators: one side of an interview is missing, or nobody has confirmed it a day
before. The rules are those of the flags on the board.

There is no alarm for overtime: it is normal, the board shows it, and frequent alarms would be
ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.models.states import WAITING, Status
from interview.notifications.planning import notify_many
from interview.notifications.reminders.due import Window, settled_at
from interview.notifications.reminders.settings import coordinators_of
from interview.notifications.reminders.upcoming import EVENTS
from interview.notifications.requests import NotificationRequest, Recipients, occasion_of
from interview.rules.delays import DelayForecast
from interview.rules.flags import UNCONFIRMED_BEFORE, current_flags

Event = Delivery.Event
MISSING = ("candidate_missing", "interviewer_missing")
VALID_FOR = timedelta(hours=2)  # later the daily digest reports it


@transaction.atomic
def raise_alarms(since: datetime, until: datetime) -> int:
    """Notify coordinators of each interview that needs them. Return the number of notifications.

    Missing people are read from the present alone: an interviewer may still be missing when the
    candidate arrives long after the five minutes. The idempotency key contains interview, start and
    side, so repeated sweeps notify once.
    """
    window = Window(since, until, timezone.now())
    found = [*_missing(window.now), *_unconfirmed(window)]
    coordinators = coordinators_of(i.campaign_id for _kind, i in found) if found else {}
    batch = [
        _recipients(kind, interview, coordinators.get(interview.campaign_id, []))
        for kind, interview in found
    ]
    notify_many(batch)
    return len(batch)


def _recipients(kind: str, interview: Interview, people: list[int]) -> Recipients:
    is_alarm = kind in MISSING
    request = NotificationRequest(
        event=Event.LATE if is_alarm else Event.REMINDER,
        interview=interview,
        now=timezone.now(),
        occasion=occasion_of(kind, interview.starts_at),
    )
    # Unconfirmed interviews are in the daily digest, which is e-mailed.
    return Recipients(request, people, external=is_alarm)


def _missing(now: datetime) -> Iterable[tuple[str, Interview]]:
    begun = Q(starts_at__lt=now, starts_at__gte=now - VALID_FOR)
    interviews = list(_read(begun & Q(status__in=WAITING)))
    if not interviews:
        return
    forecast = DelayForecast.load(interviews, now=now)
    for interview in interviews:
        for flag in current_flags(interview, forecast):
            if flag in MISSING:
                yield flag, interview


def _unconfirmed(window: Window) -> Iterable[tuple[str, Interview]]:
    """Interviews that became overdue for confirmation within the window.

    Interviews that were planned or rescheduled after that moment are new, not unconfirmed.
    """
    begins = Q(
        starts_at__gte=window.since + UNCONFIRMED_BEFORE,
        starts_at__lt=window.until + UNCONFIRMED_BEFORE,
    )
    ahead = Q(status=Status.SCHEDULED, starts_at__gt=window.now)
    for interview in _read(begins & ahead).prefetch_related(EVENTS):
        steps = interview.__dict__["steps_read"]
        settled = settled_at(interview.starts_at, interview.created_at, steps)
        if interview.starts_at - UNCONFIRMED_BEFORE >= settled:
            yield "unconfirmed", interview


def _read(where: Q) -> QuerySet[Interview]:
    return (
        Interview.objects.filter(where)
        .select_related("campaign", "room", "application__candidate")
        .prefetch_related(Prefetch("assignments", to_attr="loaded_assignments"))
    )
