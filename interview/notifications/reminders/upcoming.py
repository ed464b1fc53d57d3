"""Reminders before interviews: to who interviews, and some hours before to the candidate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from interview.models import Delivery, Interview, InterviewAssignment, InterviewEvent
from interview.models.querysets import InterviewQuerySet
from interview.models.states import WAITING, Status
from interview.notifications.in_app import notify_together, occasion_of
from interview.notifications.planning import Telling, Told
from interview.notifications.reminders.due import Window, due_before, settled_at
from interview.notifications.reminders.settings import Wishes
from interview.rules.delays import active_assignments

LEAST_FOR_CANDIDATES = timedelta(hours=1)  # later than that he is on his way
EVENTS = Prefetch(
    "events", InterviewEvent.objects.only("interview", "at", "before"), to_attr="steps_read"
)


@transaction.atomic
def remind(since: datetime, until: datetime) -> int:
    """Tell of the interviews whose reminder was due from `since` (included) to `until` (excluded);
    of how many. The number of queries does not grow with theirs.

    A window that is swept twice tells nothing twice: each telling is known by its interview,
    start, offset, recipient and channel.
    """
    window = Window(since, until, timezone.now())
    wishes = Wishes.read()
    tellings = [
        telling
        for interview in beginning(wishes, window)
        if (telling := _telling(interview, wishes, window))
    ]
    notify_together(tellings)
    return len(tellings)


def beginning(wishes: Wishes, window: Window) -> InterviewQuerySet:
    """Interviews ahead of which something is due, with all that telling of them needs."""
    ahead = Interview.objects.filter(
        wishes.starting(window), status__in=WAITING, starts_at__gt=window.now
    )
    return ahead.select_related("campaign", "room", "application__candidate").prefetch_related(
        Prefetch("assignments", to_attr="loaded_assignments"), EVENTS
    )


def _telling(interview: Interview, wishes: Wishes, window: Window) -> Telling | None:
    start = interview.starts_at
    offset = due_before(start, wishes.of(interview.campaign_id).offsets, window)
    if offset is None:
        return None
    moment = start - offset
    steps: list[InterviewEvent] = interview.__dict__["steps_read"]
    if moment < settled_at(start, interview.created_at, steps):
        return None
    people = [part.interviewer_id for part in _heard_of_it(interview, moment)]
    is_awaited = interview.status != Status.ARRIVED
    told = Told(
        event=Delivery.Event.REMINDER,
        interview=interview,
        now=window.now,
        occasion=occasion_of(f"{offset.total_seconds() / 60:.0f}", start),
        expires_at=start,
    )
    may_still_read = is_awaited and offset >= LEAST_FOR_CANDIDATES
    return Telling(told, people, and_candidate=may_still_read)


def _heard_of_it(interview: Interview, moment: datetime) -> Iterator[InterviewAssignment]:
    """Who takes part and did before the reminder's moment: whoever came later has just heard."""
    return (part for part in active_assignments(interview) if part.created_at <= moment)
