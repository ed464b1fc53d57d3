"""Metrics of the DingTalk robots."""

from __future__ import annotations

from django.utils import timezone

from interview.models import Robot
from interview.notifications.dingtalk import health, rate_limit
from interview.notifications.dingtalk.responses import Reason
from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import Reading


def register() -> None:
    for reason in Reason:  # an alert sees the first failure only as a rise from 0
        metrics.DINGTALK_ANSWERS.labels(reason.value)
    metrics.DINGTALK_BUDGET_LEFT.set_reader(dingtalk_budget_left)
    metrics.DINGTALK_ROBOTS_UNWELL.set_reader(dingtalk_robots_unwell)


def dingtalk_budget_left() -> Reading:
    """Remaining messages of enabled robots. Raises RedisDown without Redis."""
    names = Robot.objects.filter(is_enabled=True).values_list("name", flat=True)
    return {(name,): rate_limit.remaining(name) for name in names}


def dingtalk_robots_unwell() -> Reading:
    """Number of robots with an alarm or a pause. Robots disabled by a person do not count."""
    return {(): health.unhealthy(timezone.now()).count()}
