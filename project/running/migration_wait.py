"""A process of a new version waits until the database has the migrations that its code needs.

`manage.py start` calls this before it becomes the process, so in a container nothing serves or
works earlier: no port is open, no heartbeat file exists, and the container's health is "starting".
Migrations that the code does not know do not matter: after a rollback the database has some.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.db import OperationalError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from monitoring.check_connection import check_connection
from project.running import CannotRun
from project.running.checks import one_line

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


def wait_for_migrations(process: str) -> None:
    """Return as soon as no migration is missing; logs each change of what it waits for.

    Raises CannotRun after MIGRATION_WAIT_SECONDS.
    """
    needed = set(MigrationLoader(None).graph.nodes)
    deadline = time.monotonic() + settings.MIGRATION_WAIT_SECONDS
    logged = ""
    while reason := _reason_to_wait(needed):
        if time.monotonic() > deadline:
            raise CannotRun(
                f"The {process} did not start within {settings.MIGRATION_WAIT_SECONDS:.0f} s "
                f"(MIGRATION_WAIT_SECONDS): {reason}. Run manage.py migrate."
            )
        if reason != logged:
            waits = {"action": "waits_for_migrations"}
            logger.warning("The %s waits: %s", process, reason, extra=waits)
            logged = reason
        time.sleep(PAUSE_SECONDS)
    if logged:
        goes_on = {"action": "migrations_applied"}
        logger.info("The %s starts: all migrations are applied", process, extra=goes_on)


def _reason_to_wait(needed: set[tuple[str, str]]) -> str:
    """Return what the process waits for, as the rest of a sentence; "" if nothing is missing."""
    try:
        missing = sorted(needed - _applied())
    except OperationalError as error:
        return f"the database does not answer ({one_line(error)})"
    if not missing:
        return ""
    number = f"{len(missing)} migrations are" if missing[1:] else "a migration is"
    return f"{number} not applied, the first is {'.'.join(missing[0])}"


def _applied() -> set[tuple[str, str]]:
    with check_connection() as connection:
        return set(MigrationRecorder(connection).applied_migrations())
