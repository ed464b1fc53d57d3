"""Passes the actor and the request id from the publisher of a Celery task to its worker.

They travel as message headers, so that the audit log names the user who started the task.
"""

from __future__ import annotations

from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun

from monitoring.audit.origin import Origin, current_origin, use_origin

ACTOR_HEADER, REQUEST_HEADER = "audit_actor", "audit_request"
_running: dict[str, Any] = {}  # by the task's id


def connect() -> None:
    before_task_publish.connect(_published, dispatch_uid="audit.published", weak=False)
    task_prerun.connect(_begins, dispatch_uid="audit.begins", weak=False)
    task_postrun.connect(_ends, dispatch_uid="audit.ends", weak=False)


def _published(headers: dict[str, Any], **kwargs: Any) -> None:
    origin = current_origin()
    headers.setdefault(ACTOR_HEADER, origin.actor_id())
    headers.setdefault(REQUEST_HEADER, origin.request_id)


def _begins(task_id: str, task: Any, **kwargs: Any) -> None:
    headers = task.request.headers or {}
    origin = Origin(
        actor=headers.get(ACTOR_HEADER),
        task=f"task {task.name}"[:120],
        request_id=headers.get(REQUEST_HEADER) or "",
    )
    _running[task_id] = work = use_origin(origin)
    work.__enter__()


def _ends(task_id: str, **kwargs: Any) -> None:
    if work := _running.pop(task_id, None):
        work.__exit__(None, None, None)
