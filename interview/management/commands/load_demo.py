"""`manage.py load_demo`: loads the demo data once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from interview.demo import loader


class Command(BaseCommand):
    """Loads generated demo data, and six demo accounts with DEMO_PASSWORD."""

    help = "Load generated demo data; a second call does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        password = settings.ENVIRONMENT.demo_password
        if not settings.DEBUG and password == settings.PUBLISHED_DEMO_PASSWORD:
            raise CommandError(
                "DEMO_PASSWORD must be your own with DEBUG=no: the default is public."
            )
        loaded = loader.load(password=password)
        if options["verbosity"]:
            self.stdout.write(
                "Demo data loaded." if loaded else "The demo data was already loaded."
            )
