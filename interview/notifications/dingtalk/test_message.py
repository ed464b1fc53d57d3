"""Test messages: sent as every other message is, with an answer that a person reads."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from interview.models import Delivery, Robot
from interview.notifications import outbox
from interview.notifications.dingtalk import sender

OF_USE_FOR = timedelta(minutes=10)
SHOWN = 5
UNDECIDED = (*outbox.WAITING, Delivery.State.SENDING)


@transaction.atomic
def send_trial(robot: Robot) -> Delivery:
    """Have a test message sent; the one that waits already, if there is one."""
    now = timezone.now()
    Robot.objects.select_for_update().get(pk=robot.pk)
    tests = Delivery.objects.filter(robot=robot, event=Delivery.Event.TEST)
    waiting = tests.filter(state__in=UNDECIDED, expires_at__gt=now).first()
    transaction.on_commit(partial(sender.ask, robot), robust=True)
    return waiting or Delivery.objects.create(
        channel=Delivery.Channel.DINGTALK,
        event=Delivery.Event.TEST,
        robot=robot,
        priority=Delivery.Priority.DAY_OF,
        idempotency_key=f"test:{uuid4()}",
        due_at=now,
        expires_at=now + OF_USE_FOR,
    )


def last_trials(robot: Robot) -> list[Delivery]:
    """The test messages of the last time, the newest first."""
    tests = Delivery.objects.filter(robot=robot, event=Delivery.Event.TEST)
    return list(tests.order_by("-created_at", "-pk")[:SHOWN])


def is_undecided(trial: Delivery) -> bool:
    """Whether the answer is still to come."""
    return trial.state in UNDECIDED
