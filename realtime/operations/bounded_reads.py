"""Reads of the operations page, which is served while a table is locked or the database is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from monitoring.check_connection import BRIEF_LOCK_SECONDS, check_transaction
from monitoring.health.checks import SERVER_LOST_ERRORS

T = TypeVar("T")


def read_or_none(read: Callable[[], T]) -> T | None:
    """Return what the function returns; None if the database does not answer in time.

    A queryset must be evaluated within the function: afterwards there is no limit.
    """
    try:
        with check_transaction(connection, lock_seconds=BRIEF_LOCK_SECONDS):
            return read()
    except SERVER_LOST_ERRORS:
        return None
