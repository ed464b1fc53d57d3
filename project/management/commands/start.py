"""`manage.py start`: runs one process of the site in a container."""

import os
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.embedded.sharing import missing_servers
from project.environment.secret_files import with_values
from project.running import CannotRun, flower
from project.running.migration_wait import wait_for_migrations
from project.running.processes import SOFT_STOP, commands

ALL_INTERFACES = "0.0.0.0"  # noqa: S104  # a container has a network of its own
OPTIONS = {
    "web": ["--host", ALL_INTERFACES],
    "flower": [f"--address={ALL_INTERFACES}"],  # Flower reads no value behind a blank
}
WITHOUT_WAITING = {"migrate", "restore"}  # these bring the migrations


class Command(BaseCommand):
    """Waits for the migrations, then replaces itself with the process (exec).

    So the process receives the signals.
    """

    help = "Run one process, or migrate, backup or restore. Further options are passed on to it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("process", choices=commands())
        parser.add_argument("more", nargs=REMAINDER, help="options passed on to the process")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["process"]
        if missing_servers(settings.ENVIRONMENT):
            raise CommandError(
                "DATABASE_URL and REDIS_URL must be set: a container has no embedded servers."
            )
        command = [*commands()[name], *OPTIONS.get(name, []), *options["more"]]
        values = with_values(os.environ, values_for(name))
        if name not in WITHOUT_WAITING:
            try:
                wait_for_migrations(name)
            except CannotRun as error:
                raise CommandError(str(error)) from None
        os.execve(command[0], command, values)  # noqa: S606  # no shell reads the words


def values_for(name: str) -> dict[str, str]:
    """Return environment variables that only this process gets."""
    if name == "worker":
        return SOFT_STOP
    if name == "flower":
        if not settings.ENVIRONMENT.flower_password:
            raise CommandError(
                "FLOWER_PASSWORD must be set: Flower does not start without a password."
            )
        return flower.environment()
    return {}
