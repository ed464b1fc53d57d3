"""Reminders of missing scorecards: an hour after the end, then daily on working days, then one to
the coordinators.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.models.states import Status
from interview.notifications.planning import notify_many
from interview.notifications.reminders.due import Window
from interview.notifications.reminders.settings import ReminderPolicy, coordinators_of
from interview.notifications.reminders.working_days import (
    FIRST_AFTER,
    ScorecardReminder,
    scorecard_reminder_due,
)
from interview.notifications.requests import NotificationRequest, Recipients, occasion_of
from interview.rules.pending_scorecards import missing_from
from jobs.models import Campaign

MAX_AGE = timedelta(days=90)  # twenty working days and the holidays between them


@transaction.atomic
def remind_of_scorecards(since: datetime, until: datetime) -> int:
    """Send the reminders due from `since` (included) to `until` (excluded).

    Return the number of interviews. The number of queries does not depend on it, and sweeping a
    window twice sends nothing twice.
    """
    window = Window(since, until, timezone.now())
    policy = ReminderPolicy.read()
    due = [
        (interview, reminder)
        for interview in _awaiting(policy, window)
        if (
            reminder := scorecard_reminder_due(
                _end(interview), policy.schedule(interview.campaign), window
            )
        )
    ]
    escalated = {i.campaign_id for i, reminder in due if reminder.is_escalated}
    coordinators = coordinators_of(escalated) if escalated else {}
    batch = [
        _recipients(interview, reminder, coordinators.get(interview.campaign_id, []))
        for interview, reminder in due
        if missing_from(interview)
    ]
    notify_many(batch)
    return len(batch)


def _recipients(
    interview: Interview, reminder: ScorecardReminder, coordinators: list[int]
) -> Recipients:
    kind = "escalated" if reminder.is_escalated else f"asked-{reminder.number}"
    request = NotificationRequest(
        event=Delivery.Event.FEEDBACK_DUE,
        interview=interview,
        now=timezone.now(),
        occasion=occasion_of(kind, _end(interview)),
    )
    return Recipients(request, coordinators if reminder.is_escalated else missing_from(interview))


def _end(interview: Interview) -> datetime:
    return interview.finished_at or interview.ends_at


def _awaiting(policy: ReminderPolicy, window: Window) -> QuerySet[Interview]:
    """Interviews awaiting scorecards that may be due: those that have just ended, and all those of
    campaigns whose daily reminder time is in the window.
    """
    just_ended = _ended_between(window.since - FIRST_AFTER, window.until - FIRST_AFTER)
    recent = _ended_between(window.since - MAX_AGE, window.until)
    where = just_ended | (Q(campaign__in=_with_daily_reminder(policy, window)) & recent)
    awaiting = Interview.objects.filter(where, status=Status.FEEDBACK_DUE)
    return awaiting.select_related("campaign", "room", "application__candidate").prefetch_related(
        Prefetch("assignments", to_attr="loaded_assignments"),
        Prefetch("scorecards", to_attr="loaded_scorecards"),
    )


def _with_daily_reminder(policy: ReminderPolicy, window: Window) -> list[int]:
    return [c.pk for c in Campaign.objects.all() if policy.schedule(c).days_in(window)]


def _ended_between(since: datetime, until: datetime) -> Q:
    finished = Q(finished_at__gte=since, finished_at__lt=until)
    return finished | Q(finished_at=None, ends_at__gte=since, ends_at__lt=until)
