"""Reminders before interviews: to the interviewers, and some hours before to the candidate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from interview.models import Delivery, Interview, InterviewAssignment, InterviewEvent
from interview.models.querysets import InterviewQuerySet
from interview.models.states import WAITING, Status
from interview.notifications.planning import notify_many
from interview.notifications.reminders.due import Window, due_before, settled_at
from interview.notifications.reminders.settings import ReminderPolicy
from interview.notifications.requests import NotificationRequest, Recipients, occasion_of
from interview.rules.delays import DelayForecast
from interview.rules.planned_interviews import active_assignments

MIN_FOR_CANDIDATES = timedelta(hours=1)  # closer to the start the candidate is on the way
EVENTS = Prefetch(
    "events", InterviewEvent.objects.only("interview", "at", "before"), to_attr="steps_read"
)


@transaction.atomic
def remind(since: datetime, until: datetime) -> int:
    """Send the reminders due from `since` (included) to `until` (excluded).

    Return the number of interviews. The number of queries does not depend on it. The idempotency
    key contains interview, start, offset, recipient and channel, so sweeping a window twice sends
    nothing twice.
    """
    window = Window(since, until, timezone.now())
    policy = ReminderPolicy.read()
    interviews = list(interviews_to_remind(policy, window))
    forecast = DelayForecast.load(interviews, now=window.now) if interviews else None
    expected = forecast.expected_starts if forecast else {}
    batch = [
        recipients
        for interview in interviews
        if (recipients := _recipients(interview, policy, window, expected.get(interview.pk)))
    ]
    notify_many(batch)
    return len(batch)


def interviews_to_remind(policy: ReminderPolicy, window: Window) -> InterviewQuerySet:
    """Upcoming interviews with a reminder in the window, read with all that notices need."""
    ahead = Interview.objects.filter(
        policy.due_in(window), status__in=WAITING, starts_at__gt=window.now
    )
    return ahead.select_related("campaign", "room", "application__candidate").prefetch_related(
        Prefetch("assignments", to_attr="loaded_assignments"), EVENTS
    )


def _recipients(
    interview: Interview, policy: ReminderPolicy, window: Window, expected: datetime | None
) -> Recipients | None:
    start = interview.starts_at
    offset = due_before(start, policy.of(interview.campaign_id).offsets, window)
    if offset is None:
        return None
    moment = start - offset
    steps: list[InterviewEvent] = interview.__dict__["steps_read"]
    if moment < settled_at(start, interview.created_at, steps):
        return None
    people = [part.interviewer_id for part in _assigned_before(interview, moment)]
    has_arrived = interview.status == Status.ARRIVED
    request = NotificationRequest(
        event=Delivery.Event.REMINDER,
        interview=interview,
        now=window.now,
        occasion=occasion_of(f"{offset.total_seconds() / 60:.0f}", start),
        expires_at=start,
        extra={"expected_at": expected.isoformat()} if expected else {},
    )
    and_candidate = not has_arrived and offset >= MIN_FOR_CANDIDATES
    return Recipients(request, people, and_candidate=and_candidate)


def _assigned_before(interview: Interview, moment: datetime) -> Iterator[InterviewAssignment]:
    """Attending interviewers; those assigned after `moment` have just been notified."""
    return (part for part in active_assignments(interview) if part.created_at <= moment)
