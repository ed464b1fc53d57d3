"""Test messages: sent as every other message is, with an answer that a person reads."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from interview.delivery import queue
from interview.models import Delivery, Robot

OF_USE_FOR = timedelta(minutes=10)
UNDECIDED = (*queue.WAITING, Delivery.State.SENDING)


@transaction.atomic
def send_trial(robot: Robot) -> Delivery:
    """Have a test message sent; the one that waits already, if there is one."""
    now = timezone.now()
    Robot.objects.select_for_update().get(pk=robot.pk)
    tests = Delivery.objects.filter(robot=robot, event=Delivery.Event.TEST)
    waiting = tests.filter(state__in=UNDECIDED, expires_at__gt=now).first()
    return waiting or Delivery.objects.create(
        channel=Delivery.Channel.DINGTALK,
        event=Delivery.Event.TEST,
        robot=robot,
        priority=Delivery.Priority.DAY_OF,
        idempotency_key=f"test:{uuid4()}",
        due_at=now,
        expires_at=now + OF_USE_FOR,
    )


def outcome(delivery: Delivery) -> str:
    """What became of it, for people."""
    state = str(Delivery.State(delivery.state).label)
    return f"{state}: {delivery.answer}" if delivery.answer else state
