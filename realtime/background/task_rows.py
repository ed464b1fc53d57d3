"""Live lists of task runs: their topics, who may follow them, and the rows sent to browsers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User

from realtime.background.heartbeats import heartbeat_rows
from realtime.display_names import display_name
from realtime.log import changes, topics
from realtime.log.list_window import newest_rows, window_boundary
from realtime.log.topics import TopicKind
from realtime.models import TaskRun
from realtime.protocol.server_frames import Row, isoformat
from realtime.tracking import TrackedQuerySet, track

RUNS_SHOWN = 100
ACTIVE = (TaskRun.State.QUEUED, TaskRun.State.RUNNING)


def register() -> None:
    """Registers the topics `tasks` (all runs and heartbeats, for operations staff) and
    `tasks.<user id>` (the runs of one person), and the tracking of TaskRun.
    """
    topics.register(
        TopicKind(
            prefix="tasks",
            watchers=watchers,
            all_rows=topic_rows,
            changed_rows=topics.one_by_one(topic_rows_of),
        )
    )
    track(TaskRun, record_runs)


def watchers(people: Sequence[User], name: str) -> set[int]:
    if name:
        return {one.pk for one in people if str(one.pk) == name}
    return topics.operator_ids(people)


def may_see_all(user: Any) -> bool:
    """Whether the user sees everyone's runs."""
    return topics.may_watch(user, topics.tasks())


def visible_to(user: Any, *, only_own: bool = False) -> TrackedQuerySet[TaskRun]:
    """Runs the user may see, on pages and in the API: their own; for operations staff, all."""
    runs = TaskRun.objects.all()
    return runs if not only_own and may_see_all(user) else runs.filter(owner=user)


def record_runs(runs: Sequence[TaskRun]) -> None:
    """Records changes of these runs, and of runs that enter or leave a list because of them."""
    shown = [pair for run in runs for pair in topics_and_keys(run)]
    changes.record([*shown, *_boundary_keys({run.owner_id for run in runs})])


def _boundary_keys(owners: Iterable[int | None]) -> Iterable[tuple[str, str]]:
    for pk in TaskRun.objects.values_list("pk", flat=True)[RUNS_SHOWN - 1 : RUNS_SHOWN + 1]:
        yield topics.tasks(), f"task:{pk}"
    own = TaskRun.objects.filter(owner__in=[owner for owner in owners if owner is not None])
    for owner, pk in window_boundary(own, RUNS_SHOWN, partition_by="owner"):
        yield topics.tasks(owner), f"task:{pk}"
        yield topics.person(owner), f"task:{pk}"


def topics_and_keys(run: TaskRun) -> Iterable[tuple[str, str]]:
    """Yields the topics of the lists that show the run, each with the key of the run."""
    yield topics.tasks(), task_key(run)
    if run.owner_id is not None:
        yield topics.tasks(run.owner_id), task_key(run)
        yield topics.person(run.owner_id), task_key(run)


def topic_rows(name: str) -> Iterable[Row]:
    return [*all_rows(name), *([] if name else heartbeat_rows())]


def topic_rows_of(name: str, keys: list[str]) -> Iterable[Row]:
    runs = rows_of(name, [key for key in keys if key.startswith("task:")])
    return [*runs, *([] if name else heartbeat_rows(keys))]


def all_rows(name: str) -> Iterable[Row]:
    runs = TaskRun.objects.filter(owner=int(name)) if name else TaskRun.objects.all()
    return [task_row(run) for run in runs.select_related("owner")[:RUNS_SHOWN]]


def rows_of(name: str, keys: list[str]) -> Iterable[Row]:
    runs = TaskRun.objects.filter(owner=int(name)) if name else TaskRun.objects.all()
    asked = newest_rows(runs, RUNS_SHOWN).filter(pk__in=[key.removeprefix("task:") for key in keys])
    return [task_row(run) for run in asked.select_related("owner")]


def own_rows(user_id: str) -> Iterable[Row]:
    return all_rows(user_id)


def own_rows_of(user_id: str, keys: Iterable[str]) -> Iterable[Row]:
    return rows_of(user_id, [key for key in keys if key.startswith("task:")])


def task_key(run: TaskRun) -> str:
    return f"task:{run.pk}"


def task_row(run: TaskRun) -> Row:
    """The row as stored. `eta_seconds` is None: it changes with time, without any change marker."""
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
        "rate": rate(run),
        "eta_seconds": None,
        "owner": run.owner.get_username() if run.owner else "",
        "owner_name": display_name(run.owner) if run.owner else "",
        "result_url": run.result_url,
        "errors": run.errors,
        "can_cancel": run.can_cancel and run.state in ACTIVE,
    }


def rate(run: TaskRun) -> float | None:
    """Steps per second of a run that has ended, interruptions included; None before that."""
    if not run.done or run.started_at is None or run.finished_at is None:
        return None
    seconds = (run.finished_at - run.started_at).total_seconds()
    return round(run.done / seconds, 1) if seconds > 0 else None
