"""Pieces of background work that only tests start, and a worker's part in a test of its own."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

from celery import current_app
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import OperationalError

from realtime.background.execution import carry_out
from realtime.background.tracked_task import Refused, Result, Work, watched
from realtime.models import TaskRun


def deliver(run: TaskRun) -> TaskRun:
    """What a worker does with the message of a run; the run as it is then."""
    carry_out(current_app.tasks[run.task], run.pk)
    run.refresh_from_db()
    return run


@watched(name="test", queue="bulk")
def make_groups(work: Work, names: list[str]) -> Result:
    """All of them or none."""
    work.expect(len(names))
    for done, name in enumerate(names, 1):
        Group.objects.create(name=name)
        work.step(done, "Making")
    return Result(message="Made", url="/groups/")


@watched(name="test")
def refuse(work: Work) -> Result:
    Group.objects.create(name="half done")
    raise Refused("There is no room.", errors=3)


@watched(name="test")
def write_file(work: Work, text: str) -> Result:
    return Result(message="Written", file=ContentFile(text.encode(), name="people.csv"))


@watched(name="test")
def look_for(work: Work, what: str) -> Result:
    """Needs a group, or a file, that may be gone."""
    if what.startswith("/"):
        open(what).close()  # noqa: PTH123 what is missing is the point
    else:
        Group.objects.get(name=what)
    return Result()


@watched(name="test")
def lose_database(work: Work) -> Result:
    """The first time."""
    Group.objects.create(name="g1")
    if work.run.deliveries == 1:
        raise OperationalError("the server closed the connection")
    return Result(message="Made")


@watched(name="test", queue="bulk")
def kill_own_process(work: Work) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    return Result(message="Alive")


@watched(name="test", soft_limit_seconds=1, hard_limit_seconds=60)
def take_too_long(work: Work) -> Result:
    Group.objects.create(name="half done")
    threading.Event().wait()
    return Result(message="Patient")


@watched(name="test", soft_limit_seconds=1, hard_limit_seconds=2)
def hang(work: Work) -> Result:
    """Deaf to the soft limit."""
    while True:
        with suppress(Exception):
            threading.Event().wait()
