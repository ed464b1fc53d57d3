"""Asking for scorecards that are not in: an hour after the end, then daily on working days, then
the coordinators are told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.models.states import Status
from interview.notifications.in_app import notify_together, occasion_of
from interview.notifications.planning import Telling, Told
from interview.notifications.reminders.due import Window
from interview.notifications.reminders.settings import Wishes, coordinators_of
from interview.notifications.reminders.working_days import FIRST_AFTER, Asking, asking_due
from interview.rules.pending_scorecards import missing_from
from jobs.models import Campaign

LONGEST = timedelta(days=90)  # twenty working days, and every holiday there is between them


@transaction.atomic
def ask_for_feedback(since: datetime, until: datetime) -> int:
    """Ask for what is due from `since` (included) to `until` (excluded); of how many interviews.

    The number of queries does not grow with theirs, and a window swept twice asks nothing twice.
    """
    window = Window(since, until, timezone.now())
    wishes = Wishes.read()
    askings = [
        (interview, asking)
        for interview in _awaiting(wishes, window)
        if (asking := asking_due(_end(interview), wishes.rhythm(interview.campaign), window))
    ]
    escalated = {i.campaign_id for i, asking in askings if asking.is_escalated}
    coordinators = coordinators_of(escalated) if escalated else {}
    tellings = [
        _telling(interview, asking, coordinators.get(interview.campaign_id, []))
        for interview, asking in askings
        if missing_from(interview)
    ]
    notify_together(tellings)
    return len(tellings)


def _telling(interview: Interview, asking: Asking, coordinators: list[int]) -> Telling:
    kind = "escalated" if asking.is_escalated else f"asked-{asking.number}"
    told = Told(
        event=Delivery.Event.FEEDBACK_DUE,
        interview=interview,
        now=timezone.now(),
        occasion=occasion_of(kind, _end(interview)),
    )
    return Telling(told, coordinators if asking.is_escalated else missing_from(interview))


def _end(interview: Interview) -> datetime:
    return interview.finished_at or interview.ends_at


def _awaiting(wishes: Wishes, window: Window) -> QuerySet[Interview]:
    """Interviews that may be asked about: those just over, and where the daily hour has come, all
    those that wait.
    """
    just_over = _ended_between(window.since - FIRST_AFTER, window.until - FIRST_AFTER)
    old_enough = _ended_between(window.since - LONGEST, window.until)
    where = just_over | (Q(campaign__in=_with_a_daily_hour(wishes, window)) & old_enough)
    waiting = Interview.objects.filter(where, status=Status.FEEDBACK_DUE)
    return waiting.select_related("campaign", "room", "application__candidate").prefetch_related(
        Prefetch("assignments", to_attr="loaded_assignments"),
        Prefetch("scorecards", to_attr="loaded_scorecards"),
    )


def _with_a_daily_hour(wishes: Wishes, window: Window) -> list[int]:
    return [c.pk for c in Campaign.objects.all() if wishes.rhythm(c).days_in(window)]


def _ended_between(since: datetime, until: datetime) -> Q:
    known = Q(finished_at__gte=since, finished_at__lt=until)
    return known | Q(finished_at=None, ends_at__gte=since, ends_at__lt=until)
