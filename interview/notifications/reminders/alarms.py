"""What coordinators must hear of at once: one side of an interview is missing, or nobody has
confirmed it a day before. The rules are those of the flags on the board.

Overtime is not told: a conversation that runs over is no fault, the board shows it and what it
pushes on, and an alarm for each would teach people to overlook alarms.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.models.states import WAITING, Status
from interview.notifications.in_app import notify_together, occasion_of
from interview.notifications.planning import Telling, Told
from interview.notifications.reminders.due import Window, settled_at
from interview.notifications.reminders.settings import coordinators_of
from interview.notifications.reminders.upcoming import EVENTS
from interview.rules.flags import MISSING_AFTER, UNCONFIRMED_BEFORE, flags_of

Event = Delivery.Event
MISSING = ("candidate_missing", "interviewer_missing")
OF_USE_FOR = timedelta(hours=2)  # after that it is no alarm any more; the digest has it


@transaction.atomic
def raise_alarms(since: datetime, until: datetime) -> int:
    """Tell the coordinators of each interview that needs them; how many tellings there were.

    Who is missing is read from the present alone: a candidate may come long after the five
    minutes, and his interviewer still not be there. A telling is known by interview, start and
    side, so that it is made once.
    """
    window = Window(since, until, timezone.now())
    found = [*_missing(window.now), *_unconfirmed(window)]
    coordinators = coordinators_of(i.campaign_id for _kind, i in found) if found else {}
    tellings = [
        _telling(kind, interview, coordinators.get(interview.campaign_id, []))
        for kind, interview in found
    ]
    notify_together(tellings)
    return len(tellings)


def _telling(kind: str, interview: Interview, people: list[int]) -> Telling:
    is_alarm = kind in MISSING
    told = Told(
        event=Event.LATE if is_alarm else Event.REMINDER,
        interview=interview,
        now=timezone.now(),
        occasion=occasion_of(kind, interview.starts_at),
    )
    # What is not confirmed comes by e-mail with the digest.
    return Telling(told, people, leaves_the_house=is_alarm)


def _missing(now: datetime) -> Iterable[tuple[str, Interview]]:
    begun = Q(starts_at__lt=now - MISSING_AFTER, starts_at__gte=now - OF_USE_FOR)
    for interview in _read(begun & Q(status__in=WAITING)):
        for flag in flags_of(interview, now=now, has_clash=False):
            if flag in MISSING:
                yield flag, interview


def _unconfirmed(window: Window) -> Iterable[tuple[str, Interview]]:
    """Those that crossed the line within the window; one planned later than that is just new."""
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
