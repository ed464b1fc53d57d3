"""What took too long: one line each, in a log of its own."""

from __future__ import annotations

import logging
import re

logger = logging.getLogger(__name__)

STATEMENT_CHARACTERS = 600
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def slow_request(
    *, view: str, method: str, status: int, seconds: float, queries: int, query_seconds: float
) -> None:
    """A page or an answer of the API came later than SLOW_REQUEST_SECONDS."""
    fields = {
        "action": "slow_request",
        "view": view,
        "method": method,
        "status": status,
        "ms": _ms(seconds),
        "queries": queries,
        "database_ms": _ms(query_seconds),
    }
    logger.warning("Slow request", extra=fields)


def slow_query(*, statement: str, seconds: float) -> None:
    """The database took longer than SLOW_QUERY_SECONDS. The statement is told without values."""
    text = " ".join(_LITERAL.sub("'…'", statement).split())[:STATEMENT_CHARACTERS]
    fields = {"action": "slow_query", "statement": text, "ms": _ms(seconds)}
    logger.warning("Slow query", extra=fields)


def long_task(*, name: str, seconds: float) -> None:
    """A task took longer than LONG_TASK_SECONDS."""
    logger.warning("Long task", extra={"action": "long_task", "task": name, "ms": _ms(seconds)})


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
