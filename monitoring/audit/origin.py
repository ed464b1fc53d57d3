"""The origin (request or task) of the current code, in a context variable.

Signal receivers read it, because nothing can be passed to them.
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
    """A request or a task, as recorded in the audit log."""

    request: Any = None
    actor: int | None = None
    task: str = ""
    request_id: str = field(default_factory=request_id.current)

    def actor_id(self) -> int | None:
        """ID of the acting user. Read late: the API authenticates after the middleware."""
        person = getattr(self.request, "user", None)
        return self.actor if person is None else person.pk

    def source(self) -> str:
        """Method and URL name, or the task. Never the URL itself, which may contain a token."""
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
    """Within the block, audit entries are recorded with this origin."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
