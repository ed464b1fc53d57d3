"""`manage.py start`: become one process of the site, as a container has it."""

import os
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.embedded.sharing import missing_servers
from project.environment.secret_files import with_values
from project.running import flower
from project.running.processes import SOFT_STOP, commands

EVERYWHERE = "0.0.0.0"  # a container has an address of its own, behind which nobody else is
OPTIONS = {
    "web": ["--host", EVERYWHERE],
    "flower": ["--address", EVERYWHERE],
}


class Command(BaseCommand):
    """Takes its own place, so that signals reach the process itself."""

    help = "Become web, relay, worker, beat, flower or migrate. What follows goes to its command."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("process", choices=commands())
        parser.add_argument("more", nargs=REMAINDER, help="options of the process")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["process"]
        if missing_servers(settings.ENVIRONMENT):
            raise CommandError(
                "DATABASE_URL and REDIS_URL must be set: no servers come along here."
            )
        command = [*commands()[name], *OPTIONS.get(name, []), *options["more"]]
        os.execve(command[0], command, with_values(os.environ, values_for(name)))


def values_for(name: str) -> dict[str, str]:
    """What only this process finds in its environment."""
    if name == "worker":
        return SOFT_STOP
    if name == "flower":
        if not settings.ENVIRONMENT.flower_password:
            raise CommandError("FLOWER_PASSWORD must be set: Flower opens for nobody without it.")
        return flower.environment()
    return {}
