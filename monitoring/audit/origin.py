"""Where the present work comes from: whose request or task it is. Known to signals, which nobody
can hand it to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from monitoring.http import request_id


@dataclass(frozen=True, slots=True)
class Origin:
    """A request or a task, as the audit tells of it."""

    request: Any = None
    actor: int | None = None
    task: str = ""
    request_id: str = field(default_factory=request_id.current)

    def actor_id(self) -> int | None:
        """Asked for as late as possible: the API knows its person after the middleware."""
        person = getattr(self.request, "user", None)
        return self.actor if person is None else person.pk

    def source(self) -> str:
        """The name of the address, never the address itself: that may hold a token."""
        if self.request is None:
            return self.task
        match = self.request.resolver_match
        return f"{self.request.method} {match.view_name if match else ''}"[:120]


NO_ORIGIN = Origin()
_current: ContextVar[Origin] = ContextVar("audit_origin", default=NO_ORIGIN)


def current_origin() -> Origin:
    return _current.get()


@contextmanager
def use_origin(origin: Origin) -> Iterator[None]:
    """Within, what is recorded comes from there."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
