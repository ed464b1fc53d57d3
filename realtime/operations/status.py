"""The status row of the operations page: failing checks, backlog of the relay, queue lengths.

It changes with time and has no change marker: only the latest one counts. The relay publishes it
while somebody has the page open; if the relay is down, the page requests it from a web process.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Collection, Mapping
from itertools import count

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from monitoring.check_connection import BRIEF_LOCK_SECONDS, check_connection, check_transaction
from monitoring.health import checks
from monitoring.metrics.db_gauges import DbGauge, Reading
from monitoring.metrics.metrics import (
    DATABASE_BLOCKING_SECONDS,
    DINGTALK_ROBOTS_UNWELL,
    OLDEST_MARKER_SECONDS,
    PENDING_MARKERS,
    QUEUE_LENGTH,
    SCHEDULE_SILENCE_SECONDS,
    TASK_RUNS,
)
from realtime.background.heartbeats import PREFIX
from realtime.background.periodic.health import silence_seconds
from realtime.background.task_rows import ACTIVE
from realtime.database import run_in_db_thread
from realtime.log import topics
from realtime.models import Heartbeat, TaskRun
from realtime.operations.bounded_reads import read_or_none
from realtime.protocol.server_frames import Row, isoformat
from realtime.pubsub import BestEffortPublisher
from realtime.relay.audience import Audience

logger = logging.getLogger(__name__)

KEY = "standing:now"
ROBOTS = "robots"
STATUS_SECONDS = 2.0
# The relay makes them only every SLOW_CHECK_ROUNDS: they take connections or time.
SLOW_CHECK_ROUNDS = 15
NUMBERS = ("pending", "oldest_seconds", "schedule_seconds", "schedule_has_run", "heartbeats")
SLOW_CHECKS = frozenset({"migrations", "wakeups"})


def register() -> None:
    TASK_RUNS.set_reader(task_runs)
    SCHEDULE_SILENCE_SECONDS.set_reader(lambda: {(): silence_seconds()})


def task_runs() -> Reading:
    """Number of active runs by kind and state, 0 included: values of TASK_RUNS."""
    kinds = TaskRun.objects.order_by().values_list("name")
    counted = kinds.annotate(
        **{state.value: Count("pk", filter=Q(state=state)) for state in ACTIVE}
    )
    return {
        (name, state.value): number
        for name, *numbers in counted
        for state, number in zip(ACTIVE, numbers, strict=True)
    }


def status_row(*, skip: Collection[str] = ()) -> Row:
    """The current status of the site. skip: names of checks that are not run.

    A number that cannot be read is None, never 0. Reads all on one connection outside of the pool.
    """
    with check_connection():
        return _status_row(checks.findings(skip=skip))


def _status_row(found: Mapping[str, checks.Finding]) -> Row:
    is_database_lost = not found["database"].ok
    verdict = _verdict(found)
    is_broker_lost = "redis" in verdict["failing"] and settings.BROKER_URL == settings.REDIS_URL
    return {
        "key": KEY,
        "kind": "standing",
        "version": 0,
        "at": isoformat(timezone.now()),
        **verdict,
        # A lost server must not delay the page once for each number.
        **(dict.fromkeys(NUMBERS) if is_database_lost else _numbers()),
        "blockers": _blockers() if "tables" in verdict["failing"] else [],
        "queues": None if is_broker_lost else _queues(),
    }


def _verdict(found: Mapping[str, checks.Finding]) -> Row:
    """The names of the checks by result, and the cause of each failure that is a consequence."""
    failing = [name for name, one in found.items() if not one.ok and one.is_known]
    checked = [name for name, one in found.items() if one.is_known]
    unknown = [name for name, one in found.items() if not one.is_known]
    unwell = _number(DINGTALK_ROBOTS_UNWELL) if found["database"].ok else None  # not in /readyz
    (unknown if unwell is None else checked).append(ROBOTS)
    return {
        "checked": checked,
        "unknown": unknown,
        "failing": [*failing, ROBOTS] if unwell else failing,
        "because": {name: one.because for name, one in found.items() if one.because},
    }


def _numbers() -> Row:
    pending, silence = _number(PENDING_MARKERS), _number(SCHEDULE_SILENCE_SECONDS)
    return {
        "pending": None if pending is None else int(pending),
        "oldest_seconds": _number(OLDEST_MARKER_SECONDS),
        "schedule_seconds": None if silence is None or math.isinf(silence) else silence,
        "schedule_has_run": None if silence is None else not math.isinf(silence),
        "heartbeats": _heartbeat_ages(),
    }


def _blockers() -> list[Row]:
    """The database processes that hold locks which others need."""
    found = _read(DATABASE_BLOCKING_SECONDS) or {}
    return [
        {"application": application, "pid": int(pid), "seconds": round(seconds)}
        for (application, pid), seconds in found.items()
    ]


def _queues() -> list[Row] | None:
    lengths = _read(QUEUE_LENGTH)
    if lengths is None:
        return None
    return [{"name": name, "length": int(length)} for (name,), length in lengths.items()]


def _heartbeat_ages() -> dict[str, float] | None:
    """Seconds since the last heartbeat of each process, by the key of its row; None if unknown."""
    now = timezone.now()
    seen = read_or_none(lambda: list(Heartbeat.objects.values_list("pk", "seen_at")))
    if seen is None:
        return None
    return {f"{PREFIX}{pk}": max(round((now - at).total_seconds(), 1), 0) for pk, at in seen}


def _number(gauge: DbGauge) -> float | None:
    """The value of a gauge without labels; None if it is unknown."""
    number = (_read(gauge) or {}).get(())
    return None if number is None else round(number, 1)


def _read(gauge: DbGauge) -> Reading | None:
    """The values of a gauge; None if its server fails, so that the others are still shown."""
    try:
        if not gauge.uses_database:
            return gauge.read()
        with check_transaction(connection, lock_seconds=BRIEF_LOCK_SECONDS):
            return gauge.read()
    except Exception as error:  # every broker library has its own exceptions
        lost = {"action": "standing_unread", "metric": gauge.name}
        logger.warning("Could not read %s (%s)", gauge.name, type(error).__name__, extra=lost)
        return None


async def publish_status(publisher: BestEffortPublisher) -> None:
    """Publishes the status row every STATUS_SECONDS while somebody follows `ops`. Never returns.

    Runs in the relay.
    """
    audience = Audience()
    for number in count():
        await asyncio.sleep(STATUS_SECONDS)
        if await run_in_db_thread(audience.with_listeners, {topics.ops()}):
            skipped = SLOW_CHECKS if number % SLOW_CHECK_ROUNDS else ()
            row = await run_in_db_thread(status_row, skip=skipped)
            message = {"type": "realtime.latest", "topic": topics.ops(), "items": {KEY: row}}
            publisher.publish(topics.ops(), message)
