"""Tells a lost or blocked database from a query that failed."""

from __future__ import annotations

import logging

import psycopg
from django.db import InterfaceError, OperationalError

from monitoring.metrics.database import is_timeout

# Classes and codes of SQLSTATE: connection lost, server stops or starts, too many connections.
LOST_STATES = ("08", "57P01", "57P02", "57P03", "53300")


def is_outage(error: BaseException | None) -> bool:
    """Return whether the error means that the database cannot be reached."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(LOST_STATES)


def is_unanswered(error: BaseException | None) -> bool:
    """Return whether the database gave no answer: it is lost, or the statement took too long."""
    return is_outage(error) or is_timeout(error)


class OutageFilter(logging.Filter):
    """Leaves the traceback out of Django's line about a request that the database did not answer.

    It tells nothing, and an outage would write it for every request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if is_unanswered(error):
            record.exc_info = None
        return True
