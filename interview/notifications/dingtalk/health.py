"""Health of a robot: ready, paused until a time, or with an alarm that a person must resolve."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from interview.models import Delivery, Notification, Robot
from interview.notifications.dingtalk.responses import Action, Reason, Response
from interview.notifications.in_app import IN_APP
from interview.notifications.in_app.notices import save_notices

logger = logging.getLogger(__name__)

THROTTLED_PAUSE = timedelta(minutes=10)  # DingTalk refuses a robot that exceeded its limit so long
FAILURES_BEFORE_PAUSE = 5
FAILURE_PAUSE = timedelta(minutes=1)
ALARM_PAUSE = timedelta(minutes=10)  # then one message checks whether the cause was fixed


def sendable_filter(robot: Robot, now: datetime) -> dict[str, Any] | None:
    """Conditions for the robot's deliveries that may be sent now. None: nothing may.

    A robot with an alarm still sends test messages, so that a fix can be verified.
    """
    is_paused = robot.rests_until is not None and robot.rests_until > now
    if is_paused and robot.rest_reason == Reason.THROTTLED:
        return None
    if is_paused or not robot.is_enabled:
        return {"event": Delivery.Event.TEST}
    return {}


def unhealthy(now: datetime) -> QuerySet[Robot]:
    """Robots that are paused or have an alarm."""
    return Robot.objects.filter(Q(rests_until__gt=now) | ~Q(alarm=""))


def record_response(robot: Robot, response: Response, now: datetime) -> None:
    """Update the robot's health from a response.

    After several failures in a row the robot is paused. Then a single message is tried, and another
    failure pauses it again.
    """
    match response.action:
        case Action.NOTHING:
            reset(robot)
        case Action.PAUSE:
            _pause(robot, now + THROTTLED_PAUSE, response)
        case Action.ALARM | Action.SIGN_AGAIN:
            _alarm(robot, response, now)
            _pause(robot, now + ALARM_PAUSE, response)
        case Action.DISABLE:
            _alarm(robot, response, now)
            _save(robot, is_enabled=False, rest_reason=response.reason.value)
        case Action.RETRY:
            _save(robot, failures=robot.failures + 1)
            if robot.failures >= FAILURES_BEFORE_PAUSE:
                _pause(robot, now + FAILURE_PAUSE, response)


def reset(robot: Robot) -> None:
    """Clear failures, pause and alarm, so that the robot sends again at once."""
    _save(robot, failures=0, rests_until=None, rest_reason="", alarm="")


def health_text(robot: Robot, now: datetime) -> str:
    """The robot's health for the admin, such as "Ready"."""
    if not robot.is_enabled:
        return _("Disabled")
    if robot.rests_until is not None and robot.rests_until > now:
        return _("Paused: %(reason)s") % {"reason": Reason(robot.rest_reason).label}
    return _("Alarm") if robot.alarm else _("Ready")


def _pause(robot: Robot, until: datetime, response: Response) -> None:
    _save(robot, rests_until=until, rest_reason=response.reason.value)
    _log(logging.WARNING, "Paused a DingTalk robot", robot, response)


@transaction.atomic
def _alarm(robot: Robot, response: Response, now: datetime) -> None:
    """Store the alarm, and notify the people who can resolve it, once per alarm."""
    is_known = bool(robot.alarm)
    _save(robot, alarm=response.text[:300])
    if is_known:
        return
    _log(logging.ERROR, "A DingTalk robot raised an alarm", robot, response)
    save_notices(
        [
            Notification(
                recipient_id=user_id,
                event=Notification.Event.ROBOT_ALARM,
                idempotency_key=f"robot_alarm:{robot.pk}:{now.isoformat()}:{user_id}:{IN_APP}",
                at=now,
            )
            for user_id in _responsible(robot)
        ]
    )


def _responsible(robot: Robot) -> list[int]:
    """User ids of operations and of the coordinators of the robot's campaign."""
    concerned = Q(groups__name="operations")
    if robot.campaign_id is not None:
        concerned |= Q(
            campaign_memberships__campaign=robot.campaign_id,
            campaign_memberships__role="coordinator",
        )
    users = User.objects.filter(concerned, is_active=True)
    return list(users.order_by("pk").values_list("pk", flat=True).distinct())


def _save(robot: Robot, **fields: object) -> None:
    if any(getattr(robot, name) != value for name, value in fields.items()):
        for name, value in fields.items():
            setattr(robot, name, value)
        robot.save(update_fields=list(fields))


def _log(level: int, sentence: str, robot: Robot, response: Response) -> None:
    details = {"action": "dingtalk_robot", "robot": robot.name, "reason": response.reason.value}
    logger.log(level, sentence, extra=details)
