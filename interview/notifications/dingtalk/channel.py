"""The DingTalk channel: plans messages for group robots, and has one worker per robot send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interview.models import Delivery
from interview.notifications.channels import NOTHING, CommandOption, ExternalChannel
from interview.notifications.dingtalk import DINGTALK, robot_sender, test_message
from interview.notifications.dingtalk.groups import EVENTS, Groups
from interview.notifications.dingtalk.responses import Reason
from interview.notifications.requests import Recipients


class DingTalkChannel(ExternalChannel):
    """Messages to the groups of a campaign, by their robots.

    Reasons include the response of DingTalk, so pages do not show it a second time.
    """

    identifier = DINGTALK
    label = _("DingTalk")
    failure_reasons = dict(Reason.choices)
    shows_answer = False
    command_option = CommandOption(
        name="robot", metavar="NAME", help="A DingTalk robot, by its name."
    )

    def plan(self, batch: Sequence[Recipients]) -> list[Delivery]:
        groups = Groups.of([(one.request.event, one.request.interview) for one in batch])
        return [
            one.request.message(f"r{robot.pk}", DINGTALK, robot=robot)
            for one in batch
            for robot in groups.robots_for(one.request.event, one.request.interview)
        ]

    def deliver(self) -> int:
        """Start a task for each robot, so that one that hangs delays no other.

        Returns the number of robots.
        """
        return request_sending(timezone.now())

    def outdated_by(self, recipients: Recipients) -> Q:
        is_sent_to_groups = recipients.request.event in EVENTS
        return Q(channel=DINGTALK) if is_sent_to_groups else NOTHING

    def paused(self, now: datetime) -> Q:
        return Q(robot__is_enabled=False) | Q(robot__rests_until__gt=now)

    def recipient_label(self, delivery: Delivery) -> str:
        return str(delivery.robot)

    def test_recipients(self, user: User) -> list[tuple[str, str | Promise]]:
        return [(str(robot.pk), robot.name) for robot in test_message.robots_for_test(user)]

    def plan_test(self, recipient: str, user: User) -> Delivery:
        return test_message.plan_test(test_message.robots_for_test(user).get(pk=recipient))

    def send_test_now(self, address: str) -> str:
        return test_message.send_now(address)


def request_sending(now: datetime) -> int:
    """After the commit, ask a worker to send for each robot with due messages."""
    robots = robot_sender.robots_with_due_messages(now)
    for robot in robots:
        transaction.on_commit(partial(robot_sender.request_sending, robot))
    return len(robots)
