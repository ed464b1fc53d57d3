"""The id of the request at hand: its answer, log lines, audit and tasks all bear the same."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"

# What a proxy may give: too short for a phone number to pass, and no longer than the audit keeps.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{15,39}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id, or nothing where no request is being answered."""
    return _current.get()


def assign(given: str | None = None) -> str:
    """From here on, in this context, work is for that id; a new one if it is not well-formed."""
    chosen = given if given and _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    _current.set(chosen)
    return chosen


def restore(known: str) -> None:
    """Go on under an id that was begun elsewhere; with an empty one, under none."""
    _current.set(known)
