"""`manage.py anonymise_candidates`: lists who is due, and makes them nobody if told to."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs.privacy.anonymisation import anonymisation_execute, anonymisation_list


class Command(BaseCommand):
    """Without --apply nobody is changed."""

    help = "List the unsuccessful candidates who are due to be anonymised."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="Do it. There is no way back.")

    def handle(self, *args: Any, **options: Any) -> None:
        listed = anonymisation_list(now=timezone.now())
        ids = ", ".join(str(one) for one in listed.candidates) or "nobody"
        self.stdout.write(f"Due ({listed.count}): {ids}")
        if options["apply"]:
            done = anonymisation_execute(listed=listed)
            self.stdout.write(f"Anonymised: {len(done)}")
