"""`manage.py messages`: keep the translations complete."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project import translations

SHOWN = 40


class Command(BaseCommand):
    """Collects the product's texts into the catalogue and compiles it; or only checks it."""

    help = "Update and compile the translations, or check that none is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail on gaps.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            translations.update()
            translations.compile_catalogue()
        found = translations.problems()
        for sentence in found[:SHOWN]:
            self.stderr.write(sentence)
        if found and options["check"]:
            raise CommandError(f"{len(found)} texts are not translated.")
        self.stdout.write(f"{len(found)} texts are not translated.")
