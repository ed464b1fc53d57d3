"""Tells a lost database from a query that failed."""

from __future__ import annotations

import logging

import psycopg
from django.db import InterfaceError, OperationalError

# Classes and codes of SQLSTATE: connection lost, server stops or starts, too many connections.
LOST_STATES = ("08", "57P01", "57P02", "57P03", "53300")


def is_outage(error: BaseException | None) -> bool:
    """Return whether the error means that the database cannot be reached."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(LOST_STATES)


class OutageFilter(logging.Filter):
    """Leaves the traceback out of Django's line about a request that lost the database.

    It tells nothing, and an outage would write it for every request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_outage(record.exc_info[1]):
            record.exc_info = None
        return True
