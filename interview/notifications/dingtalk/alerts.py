"""Sends Prometheus alerts through the operations robot, directly and not through the outbox: the
alert may be about the broker, the workers or the database. Credentials are in DINGTALK_ROBOTS.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.client import GroupRobot
from interview.notifications.dingtalk.responses import Action, Reason, Response
from monitoring.alerts import destinations
from monitoring.alerts.destinations import Destination, NotSent
from monitoring.alerts.message import Message
from realtime.rate_limiter import RedisDown

ROBOT = "operations"
# While Redis is down and counts for nobody, each process sends at most so many alerts per minute.
LOCAL_LIMIT = 4
_sent_locally: deque[float] = deque(maxlen=LOCAL_LIMIT)
_sent_locally_lock = Lock()


def register() -> None:
    destinations.register(
        "dingtalk",
        Destination(label="DingTalk", sentence=sentence, remedy=remedy, send=send),
    )


def sentence() -> str:
    return _("Alerts go to the group of the DingTalk robot “%(robot)s”.") % {"robot": ROBOT}


def remedy() -> str:
    """Which setting is missing; "" if none is."""
    missing = {"robot": ROBOT}
    if not settings.ALERTS_TOKEN and ROBOT not in settings.DINGTALK_ROBOTS:
        text = _(
            "Not to DingTalk: set ALERTS_TOKEN, and add the robot “%(robot)s” to DINGTALK_ROBOTS."
        )
    elif ROBOT not in settings.DINGTALK_ROBOTS:
        text = _("Not to DingTalk: add the robot “%(robot)s” to DINGTALK_ROBOTS.")
    elif not settings.ALERTS_TOKEN:
        text = _("Not to DingTalk: set ALERTS_TOKEN, which Alertmanager needs.")
    else:
        return ""
    return text % missing


def send(message: Message) -> None:
    """Send an alert within the robot's rate limit. Raises NotSent."""
    credentials = settings.DINGTALK_ROBOTS.get(ROBOT)
    if credentials is None:
        raise _not_sent(Response(Reason.NOT_CONFIGURED))
    if not _may_send():
        raise NotSent("no_budget", _("The rate limit of this minute is used up."))
    response = GroupRobot(credentials).send_page(title=message.title, text=message.text)
    if response.action is not Action.NOTHING:
        raise _not_sent(response)


def _not_sent(response: Response) -> NotSent:
    return NotSent(response.reason.value, response.text)


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
