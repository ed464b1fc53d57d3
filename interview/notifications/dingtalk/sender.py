"""The way of a notice into a group: claimed, folded, sent, and its outcome remembered.

One worker at a time sends for a robot; others that come find it taken and leave, and the sweep
brings them back. What has been claimed and was not tried is put back, whatever happens.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.utils import timezone, translation

from interview import task_names
from interview.models import Delivery, Robot
from interview.notifications import outbox
from interview.notifications.dingtalk import health, rate_limit
from interview.notifications.dingtalk.client import GroupRobot, NotConfigured
from interview.notifications.dingtalk.digest import MOST, Message, fold
from interview.notifications.dingtalk.responses import Answer, Follows, Reason

logger = logging.getLogger(__name__)

WORK_SECONDS = 60  # then other work gets its turn; the sweep asks for the rest
CHANNEL = Delivery.Channel.DINGTALK.value


def robots_with_work(now: datetime) -> list[Robot]:
    """Robots that have something to send, and may."""
    waiting = Delivery.objects.filter(channel=CHANNEL, state__in=outbox.WAITING, due_at__lte=now)
    robots = Robot.objects.filter(pk__in=waiting.values("robot"))
    return [robot for robot in robots if health.sendable(robot, now) is not None]


def ask(robot: Robot) -> None:
    """Have a worker send what is due for this robot."""
    current_app.send_task(
        task_names.SEND_TO_ROBOT,
        args=[robot.pk],
        queue="notify",
        expires=WORK_SECONDS,
        retry=False,  # the sweep asks again
    )


def send_due(robot: Robot) -> None:
    """Send what is due for one robot, until nothing is left or the robot may not go on.

    Nothing is raised for what DingTalk answers: the deliveries and the robot remember it.
    """
    with translation.override(settings.LANGUAGE_CODE):
        try:
            with rate_limit.turn(robot.name) as turn:
                _Round(Robot.objects.get(pk=robot.pk), turn).run()
        except rate_limit.Taken:
            logger.debug("Another worker sends for this robot", extra={"action": "dingtalk_taken"})
        except rate_limit.Unknown:
            counts = {"action": "dingtalk_no_budget", "robot": robot.name}
            logger.warning("Redis does not answer; nothing is sent to DingTalk", extra=counts)


class _Round:
    """One worker's work for one robot."""

    def __init__(self, robot: Robot, turn: rate_limit.Turn) -> None:
        self._robot = robot
        self._turn = turn
        self._until = time.monotonic() + WORK_SECONDS
        self._waiting: deque[Message] = deque()
        self._may_go_on = True

    def run(self) -> None:
        """Raises budget.Taken when the turn was lost, or budget.Unknown."""
        while time.monotonic() < self._until:
            room = rate_limit.room(self._robot.name)
            if not room or not self._claim(room):
                return
            try:
                while self._waiting and self._send_next():
                    pass
            finally:
                self._put_back_rest()
            if not self._may_go_on:
                return

    def _claim(self, room: int) -> bool:
        """Take the most urgent notices; False when there are none."""
        now = timezone.now()
        which = health.sendable(self._robot, now)
        if which is None:
            return False
        if rate_limit.is_crowded(self._robot.name, now):
            which = which | {"priority": Delivery.Priority.DAY_OF}
        claimed = outbox.claim(now, channel=CHANNEL, limit=MOST, robot=self._robot, **which)
        self._waiting.extend(fold(claimed, room=room))
        return bool(self._waiting)

    def _send_next(self) -> bool:
        """Send one message; whether the next may follow."""
        message = self._waiting[0]
        self._turn.renew()
        if not rate_limit.take(self._robot.name):
            self._may_go_on = False
            return False
        self._waiting.popleft()
        answer = self._ask(message)
        if answer.follows is Follows.RESIGN and rate_limit.take(self._robot.name):
            answer = self._ask(message)
        self._remember(message, answer)
        return self._may_go_on

    def _ask(self, message: Message) -> Answer:
        try:
            return message.send(GroupRobot.of(self._robot))
        except NotConfigured:
            return Answer(Reason.NOT_CONFIGURED)

    def _remember(self, message: Message, answer: Answer) -> None:
        now = timezone.now()
        if answer.follows is Follows.SPLIT:
            self._split(message, answer)
            return
        if answer.follows is Follows.NOTHING:
            folded_into = uuid4() if message.is_digest else None
            outbox.sent(message.deliveries, now, answer=answer.words, folded_into=folded_into)
        else:
            _not_sent(message.deliveries, answer, now)
            self._may_go_on = False
        health.learn(self._robot, answer, now)

    def _split(self, message: Message, answer: Answer) -> None:
        if message.is_digest:
            self._waiting.extendleft(reversed(message.halves()))
        else:
            outbox.dead(message.deliveries, reason=answer.reason.value, answer=answer.words)

    def _put_back_rest(self) -> None:
        rest = [delivery for message in self._waiting for delivery in message.deliveries]
        self._waiting.clear()
        outbox.put_back(rest, due_at=timezone.now())


def _not_sent(deliveries: Sequence[Delivery], answer: Answer, now: datetime) -> None:
    """A test is over with its answer; a notice waits, and is tried again."""
    said = {"reason": answer.reason.value, "answer": answer.words}
    tests = [one for one in deliveries if one.event == Delivery.Event.TEST]
    notices = [one for one in deliveries if one.event != Delivery.Event.TEST]
    outbox.dead(tests, **said)
    if answer.follows is Follows.HOLD:
        outbox.put_back(notices, due_at=now + health.HOLD, **said)
    else:
        outbox.failed(notices, now, **said)
