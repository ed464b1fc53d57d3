"""`manage.py sync_schedule`: writes the declared entries into the schedule."""

from typing import Any

from django.core.management.base import BaseCommand

from realtime.background.periodic.sync import sync_schedule


class Command(BaseCommand):
    """Does the same as the end of every `migrate`; keeps values that people have edited."""

    help = "Update the schedule of periodic tasks from the code. Keeps edited values."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = sync_schedule()
        self.stdout.write(f"Changed: {', '.join(changed)}." if changed else "Nothing to change.")
