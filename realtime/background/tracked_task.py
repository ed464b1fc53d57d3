"""Background work that people can watch: how it is written, and how it is started.

@watched(name="export", queue="bulk")
def write_export(work: Work, export_id: str) -> Result:
    work.expect(total)
    for done, row in enumerate(rows, 1):
        …
        work.step(done, _("Writing"))
    return Result(message=_("%(count)s rows"), file=ContentFile(content, name="people.csv"))

run = work.start(write_export, str(export.pk), title=…, owner=user, can_cancel=True)

The effects of the work and the end of its run are one transaction: whoever dies, they happen once.
Work that `keeps` what it did when it is stopped has no such transaction: it commits row by row,
must be harmless to do again, and may catch Cancelled to answer with what it kept.
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
from realtime.background.execution import WatchedTask, carry_out
from realtime.background.task_context import Cancelled, Refused, Result, Work
from realtime.models import TaskRun

__all__ = ["Cancelled", "Refused", "Result", "WatchedTask", "Work", "start", "watched"]


def watched(
    *,
    name: str,
    queue: str = "default",
    keeps: bool = False,
    soft_limit_seconds: int | None = None,
    hard_limit_seconds: int | None = None,
) -> Callable[[Callable[..., Result]], WatchedTask]:
    """Make a function of a Work, and of arguments that JSON can hold, a task to be started.

    name: the kind of work, from a closed set. keeps: see the module. Limits: past the soft one the
    run fails with a sentence, past the hard one its process is killed; left out, the queue's.
    """
    soft, hard = settings.WORK_LIMITS_SECONDS[queue]

    def make(function: Callable[..., Result]) -> WatchedTask:
        def deliver(task: WatchedTask) -> None:
            carry_out(task, str(task.request.id))

        task: WatchedTask = shared_task(
            name=f"{function.__module__}.{function.__name__}",
            base=WatchedTask,
            bind=True,
            work_queue=queue,
            work_name=name,
            keeps=keeps,
            function=staticmethod(function),
            acks_on_timeout=False,  # killed at its hard limit, it is handed to another worker
            soft_time_limit=soft_limit_seconds or soft,
            time_limit=hard_limit_seconds or hard,
        )(deliver)
        return task

    return make


@transaction.atomic
def start(
    task: WatchedTask,
    *arguments: Any,
    title: str,
    owner: User | None,
    total: int = 0,
    can_cancel: bool = False,
    idempotency_key: str = "",
) -> TaskRun:
    """Have a worker do this as soon as the caller's transaction has committed.

    The same key of the same person and kind of work answers the run that exists, however it ended.
    A broker that is down leaves the run queued; a sweep sends it later.
    """
    fields: dict[str, Any] = {
        "name": task.work_name,
        "owner": owner,
        "title": title[:160],
        "total": total,
        "can_cancel": can_cancel,
        "task": task.name,
        "arguments": list(arguments),
        "queue": task.work_queue,
        "language": translation.get_language() or "",
    }
    if not idempotency_key:
        run, is_new = task_runs.task_run_create(**fields), True
    else:
        scoped = f"{task.work_name}:{owner.pk if owner else ''}:{idempotency_key}"
        run, is_new = TaskRun.objects.get_or_create(idempotency_key=scoped, defaults=fields)
    if is_new:
        transaction.on_commit(partial(dispatch.send, run))
    return run
