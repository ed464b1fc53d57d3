"""Background tasks whose runs users can follow: how to define one, and how to start it.

@tracked_task(task_names.EXPORT, kind="export", queue="bulk")
def write_export(context: TaskContext, export_id: str) -> TaskResult:
    context.set_total(total)
    for done, row in enumerate(rows, 1):
        …
        context.report_progress(done, _("Writing"))
    return TaskResult(message=_("%(count)s rows"), file=ContentFile(content, name="people.csv"))

run = tracked_tasks.start(write_export, str(export.pk), title=…, owner=user, can_cancel=True)

The effects of a task and the end of its run are one transaction, so they happen exactly once even
if a process dies. A task with `keeps_partial_work` has no such transaction: it commits row by row,
must be safe to repeat, and may catch TaskCancelled to return a result for the part it kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation

from realtime.background import dispatch, task_runs
from realtime.background.execution import TrackedTask, execute_run
from realtime.background.task_context import TaskCancelled, TaskContext, TaskFailed, TaskResult
from realtime.models import TaskRun

__all__ = [
    "TaskCancelled",
    "TaskContext",
    "TaskFailed",
    "TaskResult",
    "TrackedTask",
    "start",
    "tracked_task",
]


def tracked_task(
    task_name: str,
    *,
    kind: str,
    queue: str = "default",
    keeps_partial_work: bool = False,
    soft_limit_seconds: int | None = None,
    hard_limit_seconds: int | None = None,
) -> Callable[[Callable[..., TaskResult]], TrackedTask]:
    """Turn a function into a Celery task whose runs users can follow.

    The function takes a TaskContext and JSON-serialisable arguments, and returns a TaskResult.

    task_name           Celery name, from the `task_names` module of the app
    kind                kind of task in lists and metrics, from a closed set
    keeps_partial_work  commit row by row instead of in one transaction; see the module docstring
    soft_limit_seconds  after this the run fails with a message; default: the limit of the queue
    hard_limit_seconds  after this the process is killed; default: the limit of the queue
    """
    soft, hard = settings.WORK_LIMITS_SECONDS[queue]

    def make(function: Callable[..., TaskResult]) -> TrackedTask:
        def deliver(task: TrackedTask) -> None:
            execute_run(task, str(task.request.id))

        task: TrackedTask = shared_task(
            name=task_name,
            base=TrackedTask,
            bind=True,
            queue_name=queue,
            kind=kind,
            keeps_partial_work=keeps_partial_work,
            function=staticmethod(function),
            acks_on_timeout=False,  # after the hard limit another worker gets the message
            soft_time_limit=soft_limit_seconds or soft,
            time_limit=hard_limit_seconds or hard,
        )(deliver)
        return task

    return make


@transaction.atomic
def start(
    task: TrackedTask,
    *arguments: Any,
    title: str,
    owner: User | None,
    total: int = 0,
    can_cancel: bool = False,
    idempotency_key: str = "",
) -> TaskRun:
    """Creates a run of the task and sends it once the caller's transaction has committed.

    With an `idempotency_key`, returns the existing run of the same owner, kind and key, however it
    ended. If the broker is unreachable the run stays queued and the recovery sweep sends it later.
    """
    fields: dict[str, Any] = {
        "name": task.kind,
        "owner": owner,
        "title": title[:160],
        "total": total,
        "can_cancel": can_cancel,
        "task": task.name,
        "arguments": list(arguments),
        "queue": task.queue_name,
        "language": translation.get_language() or "",
    }
    if not idempotency_key:
        run, is_new = task_runs.task_run_create(**fields), True
    else:
        scoped = f"{task.kind}:{owner.pk if owner else ''}:{idempotency_key}"
        run, is_new = TaskRun.objects.get_or_create(idempotency_key=scoped, defaults=fields)
    if is_new:
        transaction.on_commit(partial(dispatch.send_run, run))
    return run
