"""`manage.py send_test_message`: say something on a channel, and what the other side answered."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interview.models import Delivery, Robot
from interview.notifications.dingtalk import sender, test_message
from interview.notifications.email import test_message as trials

PATIENCE_SECONDS = 20
PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    """Sends at once, from this process, within the budget that all workers share."""

    help = "Send a test message and print the answer, decoded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        to = parser.add_mutually_exclusive_group(required=True)
        to.add_argument("--email", help="An e-mail address.")
        to.add_argument("--robot", metavar="NAME", help="A DingTalk robot, by its name.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["email"]:
            self._mail(options["email"])
        else:
            self._tell_group(options["robot"])

    def _mail(self, address: str) -> None:
        outcome = trials.by_mail(address)
        if not outcome.is_sent:
            raise CommandError(outcome.text)
        self.stdout.write(outcome.text)

    def _tell_group(self, name: str) -> None:
        try:
            robot = Robot.objects.get(name=name)
        except Robot.DoesNotExist:
            names = ", ".join(Robot.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"No robot has the name {name!r}; known: {names}.") from None
        test = self._sent(robot)
        if test.state != Delivery.State.SENT:
            raise CommandError(test.answer or self._why_it_waits(robot))
        self.stdout.write(test.answer)

    def _sent(self, robot: Robot) -> Delivery:
        """Another process may be sending for this robot, so it is asked for until it is over."""
        test = test_message.send_trial(robot)
        until = time.monotonic() + PATIENCE_SECONDS
        while test_message.is_undecided(test) and time.monotonic() < until:
            sender.send_due(robot)
            test.refresh_from_db()
            if test_message.is_undecided(test):
                time.sleep(PAUSE_SECONDS)
        return test

    def _why_it_waits(self, robot: Robot) -> str:
        robot.refresh_from_db()
        if robot.rests_until is not None:
            return f"Still waiting: the robot rests until {robot.rests_until:%H:%M:%S} UTC."
        return "Still waiting: no room in this minute's budget, or Redis does not answer."
