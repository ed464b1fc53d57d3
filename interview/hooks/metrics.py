"""Gauges of interviews and scorecards.

Each gauge takes a constant number of queries. "Today" is each open campaign's local day and flags
are those of the live rows, so figures match the boards.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.utils import timezone

from interview.live.rows import feedback_of
from interview.models import Interview
from interview.models.querysets import ASSIGNMENTS, SCORECARDS, InterviewQuerySet
from interview.models.states import Status
from interview.rules import days
from interview.rules.delays import DelayForecast
from interview.rules.flags import FLAGS, current_flags, flags_of
from jobs.models import Campaign
from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import Reading


def register() -> None:
    metrics.INTERVIEWS.set_reader(interviews)
    metrics.INTERVIEWS_FLAGGED.set_reader(interviews_flagged)
    metrics.FEEDBACK_OVERDUE.set_reader(feedback_overdue)


def interviews() -> Reading:
    """Number of today's interviews by status; statuses without interviews are reported as 0."""
    counted = _today().order_by().values_list("status").annotate(Count("pk"))
    numbers = dict.fromkeys(Status.values, 0) | dict(counted)
    return {(status,): number for status, number in numbers.items()}


def interviews_flagged() -> Reading:
    found = list(
        _today().select_related("application").prefetch_related("campaign", ASSIGNMENTS, SCORECARDS)
    )
    forecast = DelayForecast.load(found, now=timezone.now())
    raised = Counter(flag for interview in found for flag in current_flags(interview, forecast))
    return {(flag,): raised[flag] for flag in FLAGS}


def feedback_overdue() -> Reading:
    """Number of missing scorecards of all interviews with the flag "feedback_overdue"."""
    now = timezone.now()
    due = Interview.objects.filter(campaign__is_open=True, status=Status.FEEDBACK_DUE)
    found = due.prefetch_related(ASSIGNMENTS, SCORECARDS)
    overdue = [
        feedback_of(one)
        for one in found
        if "feedback_overdue" in flags_of(one, now=now, has_clash=False)
    ]
    return {(): sum(feedback["due"] - feedback["in"] for feedback in overdue)}


def _today() -> InterviewQuerySet:
    """Today's interviews of all open campaigns; one condition for each time zone."""
    campaigns = Campaign.objects.filter(is_open=True)
    zones = {campaign.time_zone: days.today_bounds(campaign.time_zone) for campaign in campaigns}
    bounds = (
        Q(campaign__time_zone=zone, starts_at__gte=start, starts_at__lt=end)
        for zone, (start, end) in zones.items()
    )
    nothing = Q(pk__in=[])
    return Interview.objects.filter(reduce(or_, bounds, nothing), campaign__is_open=True)
