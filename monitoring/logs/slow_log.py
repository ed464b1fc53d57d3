"""Log lines about slow requests, queries and tasks; they also go to performance.log."""

from __future__ import annotations

import logging
import re

logger = logging.getLogger(__name__)

STATEMENT_CHARACTERS = 600
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def slow_request(
    *, view: str, method: str, status: int, seconds: float, queries: int, query_seconds: float
) -> None:
    """Logs a page or API request that took SLOW_REQUEST_SECONDS or longer."""
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
    """Logs a statement that took SLOW_QUERY_SECONDS or longer, without its values."""
    text = " ".join(_LITERAL.sub("'…'", statement).split())[:STATEMENT_CHARACTERS]
    fields = {"action": "slow_query", "statement": text, "ms": _ms(seconds)}
    logger.warning("Slow query", extra=fields)


def long_task(*, name: str, seconds: float) -> None:
    """Logs a task that took LONG_TASK_SECONDS or longer."""
    logger.warning("Long task", extra={"action": "long_task", "task": name, "ms": _ms(seconds)})


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
