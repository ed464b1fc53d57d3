"""Runs of background work: their durable rows, and the ticks of progress between them.

A run's beginning and end are rows like any other. A tick is latest-wins: it goes through Redis to
the relay, and so reaches watchers even while the work's own transaction is still open.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from realtime import changes, topics
from realtime.models import TaskRun
from realtime.newest import at_the_edge, newest
from realtime.protocol import isoformat
from realtime.topics import Row, TopicKind
from realtime.tracking import track

logger = logging.getLogger(__name__)

PROGRESS_CHANNEL = "recruit:progress"
TICK_SECONDS = 0.2  # the eye follows five steps a second; more is traffic
SHOWN_FOR_SECONDS = 24 * 3600  # how far a run had come is remembered this long
RUNS_KEPT = 100

_last_tick: dict[UUID, float] = {}


def register() -> None:
    """The topics `tasks` (operations: all runs) and `tasks.<user id>` (one person's own)."""
    topics.register(
        TopicKind(prefix="tasks", watchers=watchers, all_rows=all_rows, rows_of=rows_of)
    )
    track(TaskRun, record_runs)


def watchers(people: Sequence[User], name: str) -> set[int]:
    if name:
        return {one.pk for one in people if str(one.pk) == name}
    ids = [one.pk for one in people]
    sees_all = User.objects.filter(Q(is_superuser=True) | Q(groups__name="operations"), pk__in=ids)
    return set(sees_all.values_list("pk", flat=True))


def sees_all(user: Any) -> bool:
    """Whether this person sees everybody's runs."""
    return topics.may_watch(user, topics.tasks())


def record_runs(runs: Sequence[TaskRun]) -> None:
    """These, and whichever come into a list, or leave it, with them."""
    shown = [pair for run in runs for pair in _places(run)]
    changes.record([*shown, *_edges({run.owner_id for run in runs})])


def _edges(owners: Iterable[int | None]) -> Iterable[tuple[str, str]]:
    for pk in TaskRun.objects.values_list("pk", flat=True)[RUNS_KEPT - 1 : RUNS_KEPT + 1]:
        yield topics.tasks(), f"task:{pk}"
    own = TaskRun.objects.filter(owner__in=[owner for owner in owners if owner is not None])
    for owner, pk in at_the_edge(own, RUNS_KEPT, each="owner"):
        yield topics.tasks(owner), f"task:{pk}"
        yield topics.person(owner), f"task:{pk}"


def _places(run: TaskRun) -> Iterable[tuple[str, str]]:
    yield topics.tasks(), task_key(run)
    if run.owner_id is not None:
        yield topics.tasks(run.owner_id), task_key(run)
        yield topics.person(run.owner_id), task_key(run)


def all_rows(name: str) -> Iterable[Row]:
    runs = TaskRun.objects.filter(owner=int(name)) if name else TaskRun.objects.all()
    return [task_row(run) for run in runs.select_related("owner")[:RUNS_KEPT]]


def rows_of(name: str, keys: list[str]) -> Iterable[Row]:
    runs = TaskRun.objects.filter(owner=int(name)) if name else TaskRun.objects.all()
    asked = newest(runs, RUNS_KEPT).filter(pk__in=[key.removeprefix("task:") for key in keys])
    return [task_row(run) for run in asked.select_related("owner")]


def own_rows(user_id: str) -> Iterable[Row]:
    return all_rows(user_id)


def own_rows_of(user_id: str, keys: Iterable[str]) -> Iterable[Row]:
    return rows_of(user_id, [key for key in keys if key.startswith("task:")])


def task_key(run: TaskRun) -> str:
    return f"task:{run.pk}"


def task_row(run: TaskRun) -> Row:
    """The durable row. It holds no estimate: that follows the clock, and no change renews it."""
    return {
        "key": task_key(run),
        "kind": "task",
        "version": run.version,
        "id": str(run.pk),
        "name": run.name,
        "title": run.title,
        "state": run.state,
        "done": run.done,
        "total": run.total,
        "message": run.message,
        "created_at": isoformat(run.created_at),
        "started_at": isoformat(run.started_at),
        "finished_at": isoformat(run.finished_at),
        "eta_seconds": None,
        "owner": run.owner.get_username() if run.owner else "",
        "result_url": run.result_url,
        "errors": run.errors,
        "can_cancel": run.can_cancel and run.state in {"queued", "running"},
    }


def eta_seconds(run: TaskRun, now: datetime) -> int | None:
    """Time left at the pace so far; nothing while there is no pace."""
    if run.state != TaskRun.State.RUNNING or not run.done or not run.started_at:
        return None
    elapsed = (now - run.started_at).total_seconds()
    return round(elapsed / run.done * max(run.total - run.done, 0))


def task_run_create(
    *, name: str, title: str, owner: User | None, total: int = 0, can_cancel: bool = False
) -> TaskRun:
    """Announce work before it is handed to a worker."""
    return TaskRun.objects.create(
        name=name, title=title, owner=owner, total=total, can_cancel=can_cancel
    )


def started(run: TaskRun, total: int | None = None) -> None:
    """Begin; or begin again after a worker that was killed, without showing less than it did."""
    if total is not None:
        run.total = total
    if run.state == TaskRun.State.RUNNING:
        run.done = max(run.done, _shown(run))
    else:
        run.done, run.started_at = 0, timezone.now()
    run.state = TaskRun.State.RUNNING
    _save(run)


def finished(run: TaskRun, *, message: str = "", errors: int = 0, result_url: str = "") -> None:
    run.state, run.done = TaskRun.State.SUCCEEDED, run.total
    run.message, run.errors, run.result_url = message, errors, result_url
    _end(run)


def failed(run: TaskRun, *, message: str, errors: int = 0) -> None:
    run.state, run.message, run.errors = TaskRun.State.FAILED, message, errors
    _end(run)


def cancelled(run: TaskRun, *, message: str = "") -> None:
    run.state, run.message = TaskRun.State.CANCELLED, message
    _end(run)


def request_cancel(run: TaskRun) -> None:
    """Ask the work to stop at its next row; one that has not begun is cancelled here."""
    with transaction.atomic():
        held = TaskRun.objects.select_for_update().get(pk=run.pk)
        held.cancel_requested_at = timezone.now()
        _save(held)
        if held.state == TaskRun.State.QUEUED:
            cancelled(held)


def cancel_requested(run: TaskRun) -> bool:
    """Whether somebody asked to stop; the work asks this between rows."""
    return TaskRun.objects.filter(pk=run.pk, cancel_requested_at__isnull=False).exists()


def progress(run: TaskRun, *, done: int, total: int | None = None, message: str = "") -> None:
    """Show how far the work has come: never less than before, though it may be done over again.

    Cheap: most calls return at once, none fails the work.
    """
    run.done, run.message = max(run.done, done), message or run.message
    run.total = run.total if total is None else total
    now = time.monotonic()
    if now - _last_tick.get(run.pk, 0.0) < TICK_SECONDS:
        return
    _last_tick[run.pk] = now
    row = task_row(run) | {"eta_seconds": eta_seconds(run, timezone.now())}
    tick = {"key": row["key"], "row": row, "topics": [topic for topic, _key in _places(run)]}
    try:
        server = _redis()
        server.set(_shown_key(run), run.done, ex=SHOWN_FOR_SECONDS)
        server.publish(PROGRESS_CHANNEL, json.dumps(tick))
    except redis.RedisError:
        logger.warning("A tick of progress was lost", extra={"action": "tick_lost"})


def _shown(run: TaskRun) -> int:
    """How far watchers have seen this run come: its row tells only once it has ended."""
    try:
        return int(_redis().get(_shown_key(run)) or 0)
    except redis.RedisError:
        logger.warning("A run begins at nothing again", extra={"action": "progress_unknown"})
        return 0


def _shown_key(run: TaskRun) -> str:
    return f"{PROGRESS_CHANNEL}:{run.pk}"


@lru_cache(1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)


def _save(run: TaskRun) -> None:
    run.version += 1
    run.save()


def _end(run: TaskRun) -> None:
    run.finished_at = timezone.now()
    _last_tick.pop(run.pk, None)
    _save(run)
