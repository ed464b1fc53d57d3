"""A robot's condition: well, at rest for a while, or with an alarm that a person must see to."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from interview.models import Delivery, Notification, Robot
from interview.notifications import metrics
from interview.notifications.dingtalk.responses import Answer, Follows, Reason

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=10)  # DingTalk refuses a robot that was too quick for so long
FAILURES_BEFORE_REST = 5
REST = timedelta(minutes=1)
ALARM_REST = timedelta(minutes=10)  # until it is tried again whether somebody has mended it


def sendable(robot: Robot, now: datetime) -> dict[str, Any] | None:
    """Which of its deliveries may go now, as conditions of a query; None: none.

    A test message goes to a robot with an alarm as well: how else would one know that it is mended.
    """
    rests = robot.rests_until is not None and robot.rests_until > now
    if rests and robot.rest_reason == Reason.THROTTLED:
        return None
    if rests or not robot.is_enabled:
        return {"event": Delivery.Event.TEST}
    return {}


def unwell(now: datetime) -> QuerySet[Robot]:
    """Robots that have been told to wait, or that need a person until a message has been taken."""
    return Robot.objects.filter(Q(rests_until__gt=now) | ~Q(alarm=""))


def learn(robot: Robot, answer: Answer, now: datetime) -> None:
    """What an answer says about the robot itself.

    Several failures in a row give it a rest; after that a single message tries again, and one more
    failure is another rest.
    """
    match answer.follows:
        case Follows.NOTHING:
            mended(robot)
        case Follows.HOLD:
            _rest(robot, now + HOLD, answer)
        case Follows.ALARM | Follows.RESIGN:
            _alarm(robot, answer, now)
            _rest(robot, now + ALARM_REST, answer)
        case Follows.DISABLE:
            _alarm(robot, answer, now)
            _save(robot, is_enabled=False, rest_reason=answer.reason.value)
        case Follows.RETRY:
            _save(robot, failures=robot.failures + 1)
            if robot.failures >= FAILURES_BEFORE_REST:
                _rest(robot, now + REST, answer)


def mended(robot: Robot) -> None:
    """A person says that it works again: it may try at once."""
    _save(robot, failures=0, rests_until=None, rest_reason="", alarm="")


def words(robot: Robot, now: datetime) -> str:
    """Its condition, for people."""
    if not robot.is_enabled:
        return _("Out of use")
    if robot.rests_until is not None and robot.rests_until > now:
        return _("At rest: %(reason)s") % {"reason": Reason(robot.rest_reason).label}
    return _("Alarm") if robot.alarm else _("Ready")


def _rest(robot: Robot, until: datetime, answer: Answer) -> None:
    _save(robot, rests_until=until, rest_reason=answer.reason.value)
    _log(logging.WARNING, "A DingTalk robot rests", robot, answer)


@transaction.atomic
def _alarm(robot: Robot, answer: Answer, now: datetime) -> None:
    """Remember it, and tell those who can see to it, once for each alarm."""
    is_known = bool(robot.alarm)
    _save(robot, alarm=answer.words[:300])
    if is_known:
        return
    _log(logging.ERROR, "A DingTalk robot needs a person", robot, answer)
    people = _people(robot)
    Notification.objects.bulk_create(
        Notification(
            recipient_id=user_id,
            event=Notification.Event.ROBOT_ALARM,
            idempotency_key=f"robot_alarm:{robot.pk}:{now.isoformat()}:{user_id}:in_app",
            at=now,
        )
        for user_id in people
    )
    metrics.count(metrics.IN_APP, "sent", len(people))


def _people(robot: Robot) -> list[int]:
    """Operations, and who coordinates the robot's campaign."""
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


def _log(level: int, sentence: str, robot: Robot, answer: Answer) -> None:
    details = {"action": "dingtalk_robot", "robot": robot.name, "reason": answer.reason.value}
    logger.log(level, sentence, extra=details)
