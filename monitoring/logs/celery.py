"""Sets the log context of a Celery task (task, user, request), and logs slow tasks."""

from __future__ import annotations

from contextvars import Token
from dataclasses import dataclass
from time import monotonic
from typing import Any

from celery.signals import setup_logging, task_postrun, task_prerun
from django.conf import settings

from monitoring.audit.celery import ACTOR_HEADER, REQUEST_HEADER
from monitoring.http import request_id
from monitoring.logs import context, slow_log


@dataclass(frozen=True, slots=True)
class Running:
    """A running task, and the context to restore when it ends: it may run within a request.

    started: of `monotonic`
    """

    started: float
    request_id: str
    tokens: tuple[Token[str], Token[int | None]]


_running: dict[str, Running] = {}  # by the task's id


def connect() -> None:
    setup_logging.connect(_leave_logging_alone, dispatch_uid="logs.setup", weak=False)
    task_prerun.connect(_begins, dispatch_uid="logs.begins", weak=False)
    task_postrun.connect(_ends, dispatch_uid="logs.ends", weak=False)


def _leave_logging_alone(**kwargs: Any) -> None:
    """Connecting this signal stops Celery from adding handlers, which would not redact lines."""


def _begins(task_id: str, task: Any, **kwargs: Any) -> None:
    headers = task.request.headers or {}
    tokens = (context.task_id.set(task_id), context.user_id.set(headers.get(ACTOR_HEADER)))
    _running[task_id] = Running(monotonic(), request_id.current(), tokens)
    request_id.restore(headers.get(REQUEST_HEADER) or "")


def _ends(task_id: str, task: Any, **kwargs: Any) -> None:
    if (running := _running.pop(task_id, None)) is None:
        return
    seconds = monotonic() - running.started
    if seconds >= settings.LONG_TASK_SECONDS:
        slow_log.long_task(name=task.name, seconds=seconds)
    request_id.restore(running.request_id)
    for variable, token in zip((context.task_id, context.user_id), running.tokens, strict=True):
        variable.reset(token)  # type: ignore[attr-defined]
