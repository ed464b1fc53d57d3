"""Progress updates of running tasks, sent through Redis so that they do not wait for a commit.

The relay forwards each update to the browsers; Redis keeps the latest one of each run for pages
that are opened later. Losing an update is harmless: the next one replaces it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import redis

from realtime import site_identity
from realtime.background.task_rows import task_row, topics_and_keys
from realtime.models import TaskRun
from realtime.redis_connection import redis_connection

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2  # people can follow five updates a second; more would only be traffic
KEPT_SECONDS = 24 * 3600  # Redis keeps the latest update of a run this long
PROGRESS_FIELDS = ("done", "total", "message", "rate", "eta_seconds")


def channel() -> str:
    """The name of the Redis channel on which workers publish progress."""
    return f"{site_identity.prefix()}:progress"


def publish(run: TaskRun, *, rate: float | None, eta_seconds: int | None) -> None:
    """Publishes the run as it is in memory. rate: steps per second.

    A failure is logged and swallowed: progress must not fail the task.
    """
    row = task_row(run) | {"rate": rate, "eta_seconds": eta_seconds}
    tick = {
        "key": row["key"],
        "row": row,
        "topics": [topic for topic, _key in topics_and_keys(run)],
    }
    kept = json.dumps({field: row[field] for field in PROGRESS_FIELDS})
    try:
        server = redis_connection()
        server.set(_redis_key(run), kept, ex=KEPT_SECONDS)
        server.publish(channel(), json.dumps(tick))
    except redis.RedisError:
        logger.warning("Could not publish progress", extra={"action": "tick_lost"})


def latest(runs: Sequence[TaskRun]) -> dict[UUID, dict[str, Any]]:
    """Latest update by run id, for those of the runs that are running and have one.

    Returns {} if Redis does not answer.
    """
    running = [run for run in runs if run.state == TaskRun.State.RUNNING]
    if not running:
        return {}
    try:
        kept: list[Any] = redis_connection().mget([_redis_key(run) for run in running])
    except redis.RedisError:
        logger.warning("Could not read progress", extra={"action": "progress_unknown"})
        return {}
    return {run.pk: json.loads(tick) for run, tick in zip(running, kept, strict=True) if tick}


def shown_steps(run: TaskRun) -> int:
    """Number of steps that browsers have been shown; the row of a running task lags behind it."""
    return max(run.done, int(latest([run]).get(run.pk, {"done": 0})["done"]))


def _redis_key(run: TaskRun) -> str:
    return f"{channel()}:{run.pk}"
