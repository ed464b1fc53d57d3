"""Sends Prometheus alerts through the operations robot, directly and not through the outbox: the
alert may be about the broker, the workers or the database. Credentials are in DINGTALK_ROBOTS.
"""

from __future__ import annotations

from django.conf import settings
from django.core import checks
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.client import GroupRobot
from interview.notifications.dingtalk.responses import Action
from monitoring.alerts import sender
from monitoring.alerts.message import Message

ROBOT = "operations"
LOCAL_LIMIT = RateLimitItemPerMinute(4)  # per process, while Redis is down and counts for nobody
_local_limiter = MovingWindowRateLimiter(MemoryStorage())


def register() -> None:
    sender.register(send)
    checks.register(alerts_have_a_robot)


def alerts_have_a_robot(**kwargs: object) -> list[checks.CheckMessage]:
    """Without the robot, Alertmanager is accepted but each alert fails to reach anybody."""
    if not settings.ALERTS_TOKEN or ROBOT in settings.DINGTALK_ROBOTS:
        return []
    return [
        checks.Warning(
            f"ALERTS_TOKEN is set, but DINGTALK_ROBOTS has no robot named '{ROBOT}'.",
            hint="Alerts reach nobody until you add one: see deploy/docs/dingtalk.md.",
            id="interview.W001",
        )
    ]


def send(message: Message) -> None:
    """Send an alert within the robot's rate limit. Raises NotSent."""
    credentials = settings.DINGTALK_ROBOTS.get(ROBOT)
    if credentials is None:
        raise sender.NotSent("not_configured")
    if not _may_send():
        raise sender.NotSent("no_budget")
    response = GroupRobot(credentials).send_page(title=message.title, text=message.text)
    if response.action is not Action.NOTHING:
        raise sender.NotSent(response.reason.value)


def _may_send() -> bool:
    """By the shared limit; by the process's own when Redis is down."""
    try:
        return rate_limit.consume(ROBOT)
    except rate_limit.LimitUnknown:
        return _local_limiter.hit(LOCAL_LIMIT, ROBOT)
