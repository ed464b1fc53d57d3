"""Ids that every log line carries, in context variables. Set by middleware, tasks and sockets."""

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
    """The ids of a log line; None for those that do not apply."""
    current = getattr(record, "request", None) or request.get()
    return {
        "request_id": getattr(current, "request_id", None) or request_id.current() or None,
        "user_id": loaded_user_id(current) or user_id.get(),
        "task_id": task_id.get() or None,
        "socket_id": socket_id.get() or None,
    }


def loaded_user_id(current: Any) -> int | None:
    """ID of the request's user, if it is already loaded: logging must not query the database."""
    return getattr(loaded_user(current), "pk", None)


def loaded_user(current: Any) -> Any:
    """The request's user if it is already loaded, else None. Never queries the database."""
    # Django has no public way to ask whether a lazy object is loaded; any other access loads it.
    user = getattr(current, "__dict__", {}).get("user")
    if isinstance(user, SimpleLazyObject) and user.__dict__["_wrapped"] is empty:
        return None
    return user
