"""`manage.py runserver`: replaced, because Django's server has neither WebSockets nor a relay."""

from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Refuses, and names the commands that serve this site."""

    help = "Not available: use run, or web."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("addrport", nargs="?")

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(
            "Use `make run`, which starts everything a live board needs, or `manage.py web` "
            "for the web process alone."
        )
