"""Ticks of progress: latest-wins, by way of Redis and the relay; Redis keeps the newest.

So watchers see them even while the work's own transaction is still open. A lost one costs nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from realtime.background.task_rows import task_row, topics_and_keys
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

PROGRESS_CHANNEL = "recruit:progress"
TICK_SECONDS = 0.2  # the eye follows five steps a second; more is traffic
KEPT_SECONDS = 24 * 3600  # how far a run had come is remembered this long
PROGRESS_FIELDS = ("done", "total", "message", "rate", "eta_seconds")


def publish(run: TaskRun, *, rate: float | None, eta_seconds: int | None) -> None:
    """Show a run as it stands in memory. rate: steps a second. Fails no work."""
    row = task_row(run) | {"rate": rate, "eta_seconds": eta_seconds}
    tick = {
        "key": row["key"],
        "row": row,
        "topics": [topic for topic, _key in topics_and_keys(run)],
    }
    kept = json.dumps({field: row[field] for field in PROGRESS_FIELDS})
    try:
        server = _redis()
        server.set(_redis_key(run), kept, ex=KEPT_SECONDS)
        server.publish(PROGRESS_CHANNEL, json.dumps(tick))
    except redis.RedisError:
        logger.warning("A tick of progress was lost", extra={"action": "tick_lost"})


def latest(runs: Sequence[TaskRun]) -> dict[UUID, dict[str, Any]]:
    """The newest tick of each of these runs that is under way and has one."""
    running = [run for run in runs if run.state == TaskRun.State.RUNNING]
    if not running:
        return {}
    try:
        kept: list[Any] = _redis().mget([_redis_key(run) for run in running])
    except redis.RedisError:
        logger.warning("Progress is not known", extra={"action": "progress_unknown"})
        return {}
    return {run.pk: json.loads(tick) for run, tick in zip(running, kept, strict=True) if tick}


def shown_steps(run: TaskRun) -> int:
    """How far watchers have seen this run come: its row tells only once it has ended."""
    return max(run.done, int(latest([run]).get(run.pk, {"done": 0})["done"]))


def _redis_key(run: TaskRun) -> str:
    return f"{PROGRESS_CHANNEL}:{run.pk}"


@lru_cache(1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
