"""Sends the due messages of one robot: claim, combine, send, record the outcome.

One worker at a time sends for a robot. Others find its lease taken and leave; the sweep asks again.
Claimed messages that were not tried return to the queue, also after an error.
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
from interview.notifications.dingtalk import DINGTALK, health, rate_limit
from interview.notifications.dingtalk.client import GroupRobot, NotConfigured
from interview.notifications.dingtalk.digest import MAX_NOTICES, GroupMessage, combine
from interview.notifications.dingtalk.responses import Action, Reason, Response
from realtime.lease import Lease
from realtime.rate_limiter import RedisDown

logger = logging.getLogger(__name__)

LEASE_SECONDS = 30  # until a worker that died is replaced; one request takes about ten
WORK_SECONDS = 60  # then the worker serves other tasks; the sweep asks for the rest


def robots_with_due_messages(now: datetime) -> list[Robot]:
    """Robots that have messages to send and may send them."""
    waiting = Delivery.objects.filter(channel=DINGTALK, state__in=outbox.WAITING, due_at__lte=now)
    robots = Robot.objects.filter(pk__in=waiting.values("robot"))
    return [robot for robot in robots if health.sendable_filter(robot, now) is not None]


def request_sending(robot: Robot) -> None:
    """Ask a worker to send what is due for this robot."""
    current_app.send_task(
        task_names.SEND_TO_ROBOT,
        args=[robot.pk],
        queue="notify",
        expires=WORK_SECONDS,
        retry=False,  # the sweep asks again
    )


def send_due(robot: Robot) -> None:
    """Send what is due for one robot, until nothing is left or the robot must stop.

    Failures raise nothing: they are recorded in the deliveries and in the robot's health.
    """
    lease = lease_of(robot)
    if not lease.acquire():
        logger.debug("Another worker sends for this robot", extra={"action": "dingtalk_taken"})
        return
    with translation.override(settings.LANGUAGE_CODE):
        try:
            _RobotRun(Robot.objects.get(pk=robot.pk), lease).run()
        except RedisDown:
            details = {"action": "dingtalk_no_budget", "robot": robot.name}
            logger.warning("Redis does not respond; nothing is sent to DingTalk", extra=details)
        finally:
            lease.release()


def lease_of(robot: Robot) -> Lease:
    """The right to send for this robot."""
    return Lease(f"dingtalk:{robot.pk}", seconds=LEASE_SECONDS)


class _RobotRun:
    """One worker's run for one robot."""

    def __init__(self, robot: Robot, lease: Lease) -> None:
        self._robot = robot
        self._lease = lease
        self._until = time.monotonic() + WORK_SECONDS
        self._waiting: deque[GroupMessage] = deque()
        self._may_continue = True

    def run(self) -> None:
        """Send until nothing is left or the robot must stop. Raises RedisDown."""
        while time.monotonic() < self._until:
            remaining = rate_limit.remaining(self._robot.name)
            if not remaining or not self._claim(remaining):
                return
            try:
                while self._waiting and self._send_next():
                    pass
            finally:
                self._put_back_rest()
            if not self._may_continue:
                return

    def _claim(self, remaining: int) -> bool:
        """Claim the most urgent messages. Return False if there are none."""
        now = timezone.now()
        where = health.sendable_filter(self._robot, now)
        if where is None:
            return False
        if rate_limit.is_peak(self._robot.name, now):
            where = where | {"priority": Delivery.Priority.DAY_OF}
        claimed = outbox.claim(now, channel=DINGTALK, limit=MAX_NOTICES, robot=self._robot, **where)
        self._waiting.extend(combine(claimed, remaining=remaining))
        return bool(self._waiting)

    def _send_next(self) -> bool:
        """Send one message. Return False if the next one must wait."""
        message = self._waiting[0]
        if not (self._lease.renew() and rate_limit.consume(self._robot.name)):
            self._may_continue = False
            return False
        self._waiting.popleft()
        response = self._send(message)
        if response.action is Action.SIGN_AGAIN and rate_limit.consume(self._robot.name):
            response = self._send(message)
        self._record(message, response)
        return self._may_continue

    def _send(self, message: GroupMessage) -> Response:
        try:
            return message.send(GroupRobot.of(self._robot))
        except NotConfigured:
            return Response(Reason.NOT_CONFIGURED)

    def _record(self, message: GroupMessage, response: Response) -> None:
        now = timezone.now()
        if response.action is Action.SPLIT:
            self._split(message, response)
            return
        if response.action is Action.NOTHING:
            digest = uuid4() if message.is_digest else None
            outbox.mark_sent(message.deliveries, now, answer=response.text, folded_into=digest)
        else:
            _mark_not_sent(message.deliveries, response, now)
            self._may_continue = False
        health.record_response(self._robot, response, now)

    def _split(self, message: GroupMessage, response: Response) -> None:
        if message.is_digest:
            self._waiting.extendleft(reversed(message.halves()))
        else:
            reason, answer = response.reason.value, response.text
            outbox.mark_dead(message.deliveries, reason=reason, answer=answer)

    def _put_back_rest(self) -> None:
        rest = [delivery for message in self._waiting for delivery in message.deliveries]
        self._waiting.clear()
        outbox.put_back(rest, due_at=timezone.now())


def _mark_not_sent(deliveries: Sequence[Delivery], response: Response, now: datetime) -> None:
    """Test messages end with the response; notices are retried."""
    why = {"reason": response.reason.value, "answer": response.text}
    tests = [one for one in deliveries if one.event == Delivery.Event.TEST]
    notices = [one for one in deliveries if one.event != Delivery.Event.TEST]
    outbox.mark_dead(tests, **why)
    if response.action is Action.PAUSE:
        outbox.put_back(notices, due_at=now + health.THROTTLED_PAUSE, **why)
    else:
        outbox.mark_failed(notices, now, **why)
