"""`manage.py anonymise_candidates`: lists candidates due, and anonymises them with --apply."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs.privacy.anonymisation import anonymisation_execute, anonymisation_list


class Command(BaseCommand):
    """Changes nothing without --apply."""

    help = "List the unsuccessful candidates due for anonymisation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--apply", action="store_true", help="Anonymise them. This cannot be undone."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        listed = anonymisation_list(now=timezone.now())
        ids = ", ".join(str(one) for one in listed.candidates) or "nobody"
        self.stdout.write(f"Due ({listed.count}): {ids}")
        if options["apply"]:
            done = anonymisation_execute(listed=listed)
            self.stdout.write(f"Anonymised: {len(done)}")
