"""Sends Prometheus alerts through the operations robot, directly and not through the outbox: the
alert may be about the broker, the workers or the database. Credentials are in DINGTALK_ROBOTS.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

from django.conf import settings
from django.core import checks

from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.client import GroupRobot
from interview.notifications.dingtalk.responses import Action
from monitoring.alerts import sender
from monitoring.alerts.message import Message
from realtime.rate_limiter import RedisDown

ROBOT = "operations"
# While Redis is down and counts for nobody, each process sends at most so many alerts per minute.
LOCAL_LIMIT = 4
_sent_locally: deque[float] = deque(maxlen=LOCAL_LIMIT)
_sent_locally_lock = Lock()


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
    except RedisDown:
        return _may_send_locally()


def _may_send_locally() -> bool:
    now = time.monotonic()
    with _sent_locally_lock:
        if len(_sent_locally) == LOCAL_LIMIT and now - _sent_locally[0] < 60:
            return False
        _sent_locally.append(now)
        return True
