"""Test messages to a robot's group: through the outbox, with the response for a person to read."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from interview.models import Delivery, Robot
from interview.notifications import outbox
from interview.notifications.channels import NotDelivered
from interview.notifications.dingtalk import DINGTALK, robot_sender
from jobs.models import Campaign
from jobs.models.access import may_see_everything
from realtime.after_commit import call_after_commit

VALID_FOR = timedelta(minutes=10)
SHOWN = 5
PENDING = (*outbox.WAITING, Delivery.State.SENDING)
COMMAND_WAITS_SECONDS = 20
POLL_SECONDS = 0.2


def robots_for_test(user: Any) -> QuerySet[Robot]:
    """Robots to which this user may send a test message: those of their campaigns."""
    if may_see_everything(user):
        return Robot.objects.all()
    return Robot.objects.filter(campaign__in=Campaign.objects.coordinated_by(user))


@transaction.atomic
def plan_test(robot: Robot) -> Delivery:
    """Save a test message, unless one waits already, and ask a worker to send it."""
    now = timezone.now()
    Robot.objects.select_for_update().get(pk=robot.pk)
    tests = Delivery.objects.filter(robot=robot, event=Delivery.Event.TEST)
    waiting = tests.filter(state__in=PENDING, expires_at__gt=now).first()
    call_after_commit(robot_sender.request_sending, robot)
    return waiting or Delivery.objects.create(
        channel=DINGTALK,
        event=Delivery.Event.TEST,
        robot=robot,
        priority=Delivery.Priority.DAY_OF,
        idempotency_key=f"test:{uuid4()}",
        due_at=now,
        expires_at=now + VALID_FOR,
    )


def last_tests(robot: Robot) -> list[Delivery]:
    """The most recent test messages, newest first."""
    tests = Delivery.objects.filter(robot=robot, event=Delivery.Event.TEST)
    return list(tests.order_by("-created_at", "-pk")[:SHOWN])


def is_pending(test: Delivery) -> bool:
    """True until the response is known."""
    return test.state in PENDING


def send_now(name: str) -> str:
    """Send a test message to the robot with this name, from this process.

    Return DingTalk's response as a sentence. Raise NotDelivered.
    """
    try:
        robot = Robot.objects.get(name=name)
    except Robot.DoesNotExist:
        names = ", ".join(Robot.objects.values_list("name", flat=True)) or "none"
        raise NotDelivered(f"No robot has the name {name!r}; known: {names}.") from None
    test = _sent(robot)
    if test.state != Delivery.State.SENT:
        raise NotDelivered(test.answer or _pending_reason(robot))
    return test.answer


def _sent(robot: Robot) -> Delivery:
    """The test message once it has ended, or after a wait: another worker may hold the lease."""
    test = plan_test(robot)
    until = time.monotonic() + COMMAND_WAITS_SECONDS
    while is_pending(test) and time.monotonic() < until:
        robot_sender.send_due(robot)
        test.refresh_from_db()
        if is_pending(test):
            time.sleep(POLL_SECONDS)
    return test


def _pending_reason(robot: Robot) -> str:
    robot.refresh_from_db()
    if robot.rests_until is not None:
        return f"Still waiting: the robot is paused until {robot.rests_until:%H:%M:%S} UTC."
    return "Still waiting: this minute's rate limit is used up, or Redis does not respond."
