"""`manage.py send_test_message`: send a test message on a channel and print the response."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interview.notifications import channels
from interview.notifications.channels import CommandOption, ExternalChannel, NotDelivered


class Command(BaseCommand):
    """Sends at once, from this process, within the rate limit that all workers share."""

    help = "Send a test message and print the response."

    def add_arguments(self, parser: ArgumentParser) -> None:
        to = parser.add_mutually_exclusive_group(required=True)
        for _channel, option in _options():
            to.add_argument(f"--{option.name}", metavar=option.metavar, help=option.help)

    def handle(self, *args: Any, **options: Any) -> None:
        channel, address = next(
            (channel, options[option.name])
            for channel, option in _options()
            if options[option.name]
        )
        try:
            self.stdout.write(channel.send_test_now(address))
        except NotDelivered as error:
            raise CommandError(str(error)) from None


def _options() -> list[tuple[ExternalChannel, CommandOption]]:
    return [
        (channel, channel.command_option)
        for channel in channels.external_channels()
        if channel.command_option is not None
    ]
