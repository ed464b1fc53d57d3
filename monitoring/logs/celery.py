"""Adapters: the lines of a task bear its id, and whose it is; one that takes long is told."""

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
    """A task at work, and what is to be put back when it ends: it may run within a request."""

    began: float  # of monotonic
    request_id: str
    tokens: tuple[Token[str], Token[int | None]]


_running: dict[str, Running] = {}  # by the task's id


def connect() -> None:
    setup_logging.connect(_leave_logging_alone, dispatch_uid="logs.setup", weak=False)
    task_prerun.connect(_begins, dispatch_uid="logs.begins", weak=False)
    task_postrun.connect(_ends, dispatch_uid="logs.ends", weak=False)


def _leave_logging_alone(**kwargs: Any) -> None:
    """Celery would add handlers of its own, which know nothing of privacy."""


def _begins(task_id: str, task: Any, **kwargs: Any) -> None:
    headers = task.request.headers or {}
    tokens = (context.task_id.set(task_id), context.user_id.set(headers.get(ACTOR_HEADER)))
    _running[task_id] = Running(monotonic(), request_id.current(), tokens)
    request_id.restore(headers.get(REQUEST_HEADER) or "")


def _ends(task_id: str, task: Any, **kwargs: Any) -> None:
    if (running := _running.pop(task_id, None)) is None:
        return
    seconds = monotonic() - running.began
    if seconds >= settings.LONG_TASK_SECONDS:
        slow_log.long_task(name=task.name, seconds=seconds)
    request_id.restore(running.request_id)
    for variable, token in zip((context.task_id, context.user_id), running.tokens, strict=True):
        variable.reset(token)  # type: ignore[attr-defined]
