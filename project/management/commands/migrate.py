"""`manage.py migrate`: Django's own, which gives up a lock after a moment and tries again."""

from __future__ import annotations

import itertools
import time
from argparse import ArgumentParser
from typing import Any

from celery.utils.time import get_exponential_backoff_interval
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from monitoring.database_timeouts import TIMEOUTS
from project.database.migration_locks import bounded_lock_waits, lacks_lock

MAX_PAUSE_SECONDS = 15


class Command(migrate.Command):
    """Continues with the migration that did not get its lock; those before it are applied."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type]  # narrower without a reason
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=TIMEOUTS["migrate"].lock,
            metavar="SECONDS",
            help="How long a statement, and so the site, waits for a lock; default: %(default)s.",
        )
        parser.add_argument(
            "--give-up-after",
            type=float,
            default=300.0,
            metavar="SECONDS",
            help="For how long to try again without a lock; default: %(default)s.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        lock_timeout = options.pop("lock_timeout")
        deadline = time.monotonic() + options.pop("give_up_after")
        connection = connections[options["database"]]
        for attempt in itertools.count():
            try:
                with bounded_lock_waits(connection, lock_timeout):
                    super().handle(*args, **options)
            except OperationalError as error:
                if not lacks_lock(error):
                    raise
                self._pause(attempt, deadline, str(error).splitlines()[0])
            else:
                return

    def _pause(self, attempt: int, deadline: float, reason: str) -> None:
        """Wait before the next attempt. Raises CommandError after the deadline."""
        pause = get_exponential_backoff_interval(1, attempt, MAX_PAUSE_SECONDS)
        if time.monotonic() + pause > deadline:
            raise CommandError(
                f"A migration did not get its lock ({reason}). Nothing of it was changed. Look for "
                "the transaction that holds the lock (pg_stat_activity), then run migrate again."
            )
        self.stderr.write(f"A migration did not get its lock ({reason}); again in {pause} s.")
        time.sleep(pause)
