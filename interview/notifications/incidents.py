"""Rows of this app on the operations page: messages given up (dead) and DingTalk robots.

Rows contain ids and kinds only: operations staff see that a message failed, not for whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone
from django.utils.translation import gettext as _

from interview.models import Delivery, Robot
from interview.notifications import channels
from interview.notifications.dingtalk.responses import Reason
from interview.notifications.failure_reasons import NO_ADDRESS, reason_texts
from realtime.operations import registry
from realtime.operations.incidents import incident_row
from realtime.operations.registry import RowSource
from realtime.protocol.server_frames import Row, isoformat
from realtime.tracking import track

MESSAGE, ROBOT = "message", "robot"
SENDING_TIMEOUT = timedelta(minutes=5)
"""Longer than all channel timeouts: a message that is sending for longer lost its worker."""


def register() -> None:
    registry.register(
        RowSource(
            prefix=MESSAGE,
            queryset=lambda: dead_messages().order_by("-pk"),
            row=message_row,
            texts=message_texts,
        )
    )
    registry.register(
        RowSource(
            prefix=ROBOT, queryset=Robot.objects.all, limit=None, row=robot_row, texts=robot_texts
        )
    )
    track(Robot, lambda robots: registry.record(ROBOT, [robot.pk for robot in robots if robot.pk]))
    for signal in (pre_delete, post_delete):
        signal.connect(_deleted, sender=Delivery, dispatch_uid="interview.delivery_deleted")


def dead_messages() -> QuerySet[Delivery]:
    """Messages that were given up, without those that had no address: coordinators see these."""
    dead = Delivery.objects.filter(state=Delivery.State.DEAD)
    return dead.exclude(reason=NO_ADDRESS, attempts=0)


def record_messages(messages: Sequence[Delivery], state: str) -> None:
    """Record a change of those messages that enter or leave the list of dead ones.

    messages: as read before they get `state`. A message that was sending for too long may have been
    marked dead since then, so it counts too.
    """
    dead, long_ago = Delivery.State.DEAD, timezone.now() - SENDING_TIMEOUT
    changed = [
        message.pk
        for message in messages
        if dead in {state, message.state}
        or (
            message.state == Delivery.State.SENDING
            and message.claimed_at is not None
            and message.claimed_at < long_ago
        )
    ]
    registry.record(MESSAGE, changed)


def _deleted(instance: Delivery, **kwargs: object) -> None:
    """Record a deleted message if it was listed. Deleting a robot deletes all its messages."""
    if instance.state == Delivery.State.DEAD:
        registry.record(MESSAGE, [instance.pk])


def message_row(message: Delivery) -> Row:
    at = message.tried_at or message.claimed_at or message.created_at
    return incident_row(
        MESSAGE, message.pk, name=message.channel, at=isoformat(at), reason=message.reason
    )


def message_texts() -> Mapping[str, str]:
    """Labels of channels and failure reasons. A reason without a label is shown as its code."""
    return {
        MESSAGE: _("Message"),
        **{f"message.name.{value}": str(label) for value, label in channels.choices()},
        **{f"message.reason.{code}": str(text) for code, text in reason_texts().items()},
    }


def robot_row(robot: Robot) -> Row:
    """The row of a robot. The page derives from `rests_until` whether it is paused now."""
    return {
        "key": f"{ROBOT}:{robot.pk}",
        "kind": "robot",
        "version": 0,
        "id": robot.pk,
        "name": robot.name,
        "in_use": robot.is_enabled,
        "alarm": bool(robot.alarm),
        "reason": robot.rest_reason,
        "rests_until": isoformat(robot.rests_until),
    }


def robot_texts() -> Mapping[str, str]:
    return {f"robot.reason.{code}": str(text) for code, text in Reason.choices}
