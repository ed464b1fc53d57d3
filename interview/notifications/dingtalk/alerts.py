"""The robot of operations: alerts go by it at once, and not by way of the deliveries, because
broker, worker or database may be what an alert is about. Its credentials stand in DINGTALK_ROBOTS.
"""

from __future__ import annotations

from django.conf import settings
from django.core import checks
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.client import GroupRobot
from interview.notifications.dingtalk.responses import Follows
from monitoring.alerts import sender
from monitoring.alerts.message import Message

ROBOT = "operations"
PER_MINUTE_ALONE = RateLimitItemPerMinute(4)  # of each process, while nobody counts for all
_alone = MovingWindowRateLimiter(MemoryStorage())


def register() -> None:
    sender.register(send)
    checks.register(alerts_have_a_way)


def alerts_have_a_way(**kwargs: object) -> list[checks.CheckMessage]:
    """Alertmanager would be let in, and told each time that nobody was reached."""
    if not settings.ALERTS_TOKEN or ROBOT in settings.DINGTALK_ROBOTS:
        return []
    return [
        checks.Warning(
            f"ALERTS_TOKEN is set, but DINGTALK_ROBOTS has no robot named '{ROBOT}'.",
            hint="Alerts reach nobody until there is one: see deploy/docs/dingtalk.md.",
            id="interview.W001",
        )
    ]


def send(message: Message) -> None:
    """Send it, within the budget of the robot. Raises NotSent."""
    credentials = settings.DINGTALK_ROBOTS.get(ROBOT)
    if credentials is None:
        raise sender.NotSent("not_configured")
    if not _may_send():
        raise sender.NotSent("no_budget")
    answer = GroupRobot(credentials).send_page(title=message.title, text=message.text)
    if answer.follows is not Follows.NOTHING:
        raise sender.NotSent(answer.reason.value)


def _may_send() -> bool:
    """By the budget that all share; by one's own when Redis is what has failed."""
    try:
        return rate_limit.take(ROBOT)
    except rate_limit.Unknown:
        return _alone.hit(PER_MINUTE_ALONE, ROBOT)
