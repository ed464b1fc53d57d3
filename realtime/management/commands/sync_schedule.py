"""`manage.py sync_schedule`: the entries of the code, written into the schedule."""

from typing import Any

from django.core.management.base import BaseCommand

from realtime.background.periodic.sync import sync_schedule


class Command(BaseCommand):
    """Does what every migration does at its end; values that people have edited stay."""

    help = "Bring the schedule of periodic work up to date with the code."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = sync_schedule()
        self.stdout.write(f"Changed: {', '.join(changed)}." if changed else "Nothing to change.")
