"""`manage.py messages`: updates and compiles the translations, or checks them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project import translations

SHOWN = 40  # problems that are listed


class Command(BaseCommand):
    """Without --check, updates the .po file from the code and writes the .mo file."""

    help = "Update and compile the translations, or only check that they are complete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail on gaps.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            translations.update_catalogue()
            translations.compile_catalogue()
        problems = translations.find_problems()
        for sentence in problems[:SHOWN]:
            self.stderr.write(sentence)
        result = f"{len(problems)} texts need a translation."
        if problems and options["check"]:
            raise CommandError(result)
        self.stdout.write(result)
