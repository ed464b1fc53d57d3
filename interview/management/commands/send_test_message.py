"""`manage.py send_test_message`: whether messages leave the house, with the answer decoded."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interview.delivery import trial
from interview.models import Robot


class Command(BaseCommand):
    """Sends one message that says only that it arrives, and waits for the answer."""

    help = "Send a test message to an e-mail address or to a robot's group, and show the answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        to = parser.add_mutually_exclusive_group(required=True)
        to.add_argument("--email", help="an e-mail address")
        to.add_argument("--robot", help="the name of a DingTalk robot")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["email"]:
            outcome = trial.by_mail(options["email"])
        else:
            outcome = trial.by_robot(self._robot(options["robot"]))
        if not outcome.is_sent:
            raise CommandError(outcome.text)
        self.stdout.write(outcome.text)

    def _robot(self, name: str) -> Robot:
        try:
            return Robot.objects.get(name=name)
        except Robot.DoesNotExist:
            raise CommandError(f"There is no robot named {name!r}.") from None
