"""Whose work a line is about. Known to the log, which nobody can hand it to."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

from django.utils.functional import SimpleLazyObject, empty

from monitoring.http import request_id

request: ContextVar[Any] = ContextVar("log_request", default=None)
user_id: ContextVar[int | None] = ContextVar("log_user_id", default=None)
task_id: ContextVar[str] = ContextVar("log_task_id", default="")
socket_id: ContextVar[str] = ContextVar("log_socket_id", default="")


def ids(record: logging.LogRecord) -> dict[str, str | int | None]:
    """The ids that belong to a line; None for those that there are not."""
    asked = getattr(record, "request", None) or request.get()
    return {
        "request_id": getattr(asked, "request_id", None) or request_id.current() or None,
        "user_id": _person_of(asked) or user_id.get(),
        "task_id": task_id.get() or None,
        "socket_id": socket_id.get() or None,
    }


def _person_of(asked: Any) -> int | None:
    """Who asks, if that is known already: a line of the log must not ask the database."""
    person = getattr(asked, "__dict__", {}).get("user")
    if isinstance(person, SimpleLazyObject) and person.__dict__["_wrapped"] is empty:
        return None
    return getattr(person, "pk", None)
