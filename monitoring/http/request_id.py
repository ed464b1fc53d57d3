"""The id of the current request, shared by its response, log lines, audit entries and tasks."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"

# Ids accepted from a proxy: at least 16 characters, which excludes phone numbers, and at most 40,
# the size of the column in the audit log.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{15,39}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the current request, or "" outside of a request."""
    return _current.get()


def assign(given: str | None = None) -> str:
    """Sets the id in this context; generates one if `given` is missing or malformed. Returns it."""
    chosen = given if given and _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    _current.set(chosen)
    return chosen


def restore(known: str) -> None:
    """Sets an id that was assigned elsewhere, e.g. by the publisher of a task; "" for none."""
    _current.set(known)
