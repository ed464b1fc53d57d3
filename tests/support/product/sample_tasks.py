"""Tracked tasks that only tests start, and running one in the test itself."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

from celery import current_app
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import OperationalError

from realtime.background.execution import execute_run
from realtime.background.tracked_tasks import TaskContext, TaskFailed, TaskResult, tracked_task
from realtime.models import TaskRun


def deliver(run: TaskRun) -> TaskRun:
    """Runs a task as a worker does with its message; returns the refreshed run."""
    execute_run(current_app.tasks[run.task], run.pk)
    run.refresh_from_db()
    return run


@tracked_task(f"{__name__}.make_groups", kind="test", queue="bulk")
def make_groups(context: TaskContext, names: list[str]) -> TaskResult:
    """Creates all groups or none."""
    context.set_total(len(names))
    for done, name in enumerate(names, 1):
        Group.objects.create(name=name)
        context.report_progress(done, "Making")
    return TaskResult(message="Made", url="/groups/")


@tracked_task(f"{__name__}.refuse", kind="test")
def refuse(context: TaskContext) -> TaskResult:
    Group.objects.create(name="half done")
    raise TaskFailed("There is no room.", errors=3)


@tracked_task(f"{__name__}.write_file", kind="test")
def write_file(context: TaskContext, text: str) -> TaskResult:
    return TaskResult(message="Written", file=ContentFile(text.encode(), name="people.csv"))


@tracked_task(f"{__name__}.look_for", kind="test")
def look_for(context: TaskContext, what: str) -> TaskResult:
    """Reads a group, or a file, that may be missing."""
    if what.startswith("/"):
        open(what).close()  # noqa: PTH123 what is missing is the point
    else:
        Group.objects.get(name=what)
    return TaskResult()


@tracked_task(f"{__name__}.lose_database", kind="test")
def lose_database(context: TaskContext) -> TaskResult:
    """Loses the database on the first delivery."""
    Group.objects.create(name="g1")
    if context.run.deliveries == 1:
        raise OperationalError("the server closed the connection")
    return TaskResult(message="Made")


@tracked_task(f"{__name__}.kill_own_process", kind="test", queue="bulk")
def kill_own_process(context: TaskContext) -> TaskResult:
    os.kill(os.getpid(), signal.SIGKILL)
    return TaskResult(message="Alive")


@tracked_task(f"{__name__}.take_too_long", kind="test", soft_limit_seconds=1, hard_limit_seconds=60)
def take_too_long(context: TaskContext) -> TaskResult:
    Group.objects.create(name="half done")
    threading.Event().wait()
    return TaskResult(message="Patient")


@tracked_task(f"{__name__}.hang", kind="test", soft_limit_seconds=1, hard_limit_seconds=2)
def hang(context: TaskContext) -> TaskResult:
    """Ignores the soft time limit."""
    while True:
        with suppress(Exception):
            threading.Event().wait()
