"""State changes of task runs. No other module writes a run's state.

queued → running → succeeded, failed or cancelled, and never back. Each function locks the row of
the run, and returns False without a change if the run has already ended or is gone.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from realtime.background import progress
from realtime.background.task_rows import ACTIVE
from realtime.models import TaskRun

State = TaskRun.State

# Sent once per run, with `run`, in the transaction that ends it.
task_run_ended = Signal()


def task_run_create(
    *,
    name: str,
    title: str,
    owner: User | None,
    total: int = 0,
    can_cancel: bool = False,
    **fields: Any,
) -> TaskRun:
    """Creates a queued run. fields: how to dispatch it, see `tracked_tasks.start`."""
    return TaskRun.objects.create(
        name=name, title=title[:160], owner=owner, total=total, can_cancel=can_cancel, **fields
    )


@transaction.atomic
def mark_started(run: TaskRun, total: int | None = None) -> bool:
    """Marks the run as running.

    On a restart after a lost worker, `done` does not fall below what browsers have already seen.
    """
    if not _lock_active(run):
        return False
    run.done = progress.shown_steps(run) if run.state == State.RUNNING else 0
    run.total = run.total if total is None else total
    run.started_at = run.started_at or timezone.now()
    run.state = State.RUNNING
    run.deliveries += 1
    _save(run)
    return True


@transaction.atomic
def mark_interrupted(run: TaskRun, *, message: str) -> bool:
    """Shows why the run is not advancing; it stays running, because it will be tried again."""
    done = run.done
    if not _lock_active(run):
        return False
    run.done, run.message = max(done, run.done), message
    _save(run)
    return True


def mark_succeeded(
    run: TaskRun,
    *,
    message: str = "",
    errors: int = 0,
    result_url: str = "",
    file: ContentFile[Any] | None = None,
) -> bool:
    """Ends the run as succeeded. With a `file`, stores it and points `result_url` to it."""
    outcome = {"message": message, "errors": errors, "result_url": result_url}
    return _end(run, State.SUCCEEDED, file, **outcome)


def mark_failed(run: TaskRun, *, message: str, errors: int = 0) -> bool:
    """Ends the run as failed. message: the reason, in words for the owner."""
    return _end(run, State.FAILED, message=message, errors=errors)


def mark_cancelled(
    run: TaskRun,
    *,
    message: str = "",
    errors: int = 0,
    result_url: str = "",
    file: ContentFile[Any] | None = None,
) -> bool:
    """Ends the run as cancelled. The work it kept may still have a result."""
    outcome = {"message": message, "errors": errors, "result_url": result_url}
    return _end(run, State.CANCELLED, file, **outcome)


@transaction.atomic
def request_cancel(run: TaskRun) -> bool:
    """Asks the task to stop at its next step. A run that is still queued is cancelled at once."""
    if not _lock_active(run) or run.cancel_requested_at:
        return False
    run.cancel_requested_at = timezone.now()
    _save(run)
    if run.state == State.QUEUED:
        mark_cancelled(run)
    return True


def is_cancel_requested(run: TaskRun) -> bool:
    """Whether cancellation was requested; the task checks this between steps."""
    return TaskRun.objects.filter(pk=run.pk, cancel_requested_at__isnull=False).exists()


@transaction.atomic
def _end(run: TaskRun, state: State, file: ContentFile[Any] | None = None, **outcome: Any) -> bool:
    done, total = run.done, run.total
    if not _lock_active(run):
        return False
    run.total = total
    run.done = total if state == State.SUCCEEDED else max(done, progress.shown_steps(run))
    run.state, run.finished_at = state, timezone.now()
    run.message, run.errors = outcome["message"][:300], outcome["errors"]
    run.result_url = outcome.get("result_url", "")
    run.arguments = []  # they may hold search words and reasons, and nothing runs it again
    if file is not None:
        _store_result_file(run, file)
    _save(run)
    task_run_ended.send(TaskRun, run=run)
    return True


def _store_result_file(run: TaskRun, file: ContentFile[Any]) -> None:
    run.result_name = (file.name or "result")[-120:]
    run.result_file.save(run.result_name, file, save=False)
    run.result_url = reverse("task_result", args=[run.pk])


def _lock_active(run: TaskRun) -> bool:
    """Locks and reloads the run. Returns False if it has ended or no longer exists."""
    try:
        run.refresh_from_db(from_queryset=TaskRun.objects.select_for_update())
    except TaskRun.DoesNotExist:
        return False
    return run.state in ACTIVE


def _save(run: TaskRun) -> None:
    run.version += 1
    run.save()
