"""Gauges of interviews, scorecards and outgoing messages.

Each gauge takes a constant number of queries. "Today" is each open campaign's local day and flags
are those of the live rows, so figures match the boards.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import Count, Min, Q
from django.utils import timezone

from interview.live.rows import feedback_of
from interview.live.topics import today_in
from interview.models import Delivery, Interview, Robot
from interview.models.querysets import ASSIGNMENTS, SCORECARDS, InterviewQuerySet
from interview.models.states import Status
from interview.notifications import channels, outbox
from interview.notifications.dingtalk import health, rate_limit
from interview.rules.delays import DelayForecast
from interview.rules.flags import FLAGS, flags_of
from jobs.models import Campaign
from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import Reading

PENDING = (*outbox.WAITING, Delivery.State.SENDING)


def register() -> None:
    metrics.INTERVIEWS.set_reader(interviews)
    metrics.INTERVIEWS_FLAGGED.set_reader(interviews_flagged)
    metrics.FEEDBACK_OVERDUE.set_reader(feedback_overdue)
    metrics.NOTICES_WAITING.set_reader(notices_waiting)
    metrics.NOTICES_OLDEST_SECONDS.set_reader(notices_oldest_seconds)
    metrics.DINGTALK_BUDGET_LEFT.set_reader(dingtalk_budget_left)
    metrics.DINGTALK_ROBOTS_UNWELL.set_reader(dingtalk_robots_unwell)


def interviews() -> Reading:
    """Number of today's interviews by status; statuses without interviews are reported as 0."""
    counted = _today().order_by().values_list("status").annotate(Count("pk"))
    numbers = dict.fromkeys(Status.values, 0) | dict(counted)
    return {(status,): number for status, number in numbers.items()}


def interviews_flagged() -> Reading:
    found = list(_today().prefetch_related("campaign", ASSIGNMENTS, SCORECARDS))
    forecast = DelayForecast.load(found, now=timezone.now())
    raised = Counter(
        flag
        for interview in found
        for flag in flags_of(
            interview, now=forecast.now, has_clash=interview.pk in forecast.clashing
        )
    )
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


def notices_waiting() -> Reading:
    """Number of pending messages by channel and state.

    Two conditions instead of one, so that PostgreSQL can use the two partial indexes.
    """
    waiting = Delivery.objects.filter(
        Q(state__in=outbox.WAITING) | Q(state=Delivery.State.SENDING)
    ).order_by()
    numbers: dict[tuple[str, ...], float] = {
        (channel.identifier, state): 0
        for channel in channels.external_channels()
        for state in PENDING
    }
    for channel, state, number in waiting.values_list("channel", "state").annotate(Count("pk")):
        numbers[channel, state] = number
    return numbers


def notices_oldest_seconds() -> Reading:
    """Age of the oldest due message per channel, without those that the channel has paused."""
    now = timezone.now()
    ready = outbox.due(now).exclude(channels.paused(now)).order_by()
    oldest = dict(ready.values_list("channel").annotate(Min("due_at")))
    return {
        (one,): (now - oldest[one]).total_seconds() if one in oldest else 0
        for one in (channel.identifier for channel in channels.external_channels())
    }


def dingtalk_budget_left() -> Reading:
    """Remaining messages of enabled robots. Raises RedisDown without Redis."""
    names = Robot.objects.filter(is_enabled=True).values_list("name", flat=True)
    return {(name,): rate_limit.remaining(name) for name in names}


def dingtalk_robots_unwell() -> Reading:
    """Number of robots with an alarm or a pause. Robots disabled by a person do not count."""
    return {(): health.unhealthy(timezone.now()).count()}


def _today() -> InterviewQuerySet:
    """Today's interviews of all open campaigns; one condition for each time zone."""
    campaigns = Campaign.objects.filter(is_open=True)
    zones = {campaign.time_zone: today_in(campaign) for campaign in campaigns}
    days = (
        Q(campaign__time_zone=zone, starts_at__gte=start, starts_at__lt=end)
        for zone, (start, end) in zones.items()
    )
    nothing = Q(pk__in=[])
    return Interview.objects.filter(reduce(or_, days, nothing), campaign__is_open=True)
