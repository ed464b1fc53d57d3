"""The status row of the operations page: failing checks, backlog of the relay, queue lengths.

It changes with time and has no change marker: only the latest one counts. The relay publishes it
while somebody has the page open; if the relay is down, the page requests it from a web process.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Collection, Iterable

from django.db.models import Count, Q
from django.utils import timezone

from monitoring.health import checks
from monitoring.metrics.db_gauges import DbGauge, Reading
from monitoring.metrics.metrics import (
    DINGTALK_ROBOTS_UNWELL,
    OLDEST_MARKER_SECONDS,
    PENDING_MARKERS,
    PROCESSES_ALIVE,
    QUEUE_LENGTH,
    SCHEDULE_SILENCE_SECONDS,
    TASK_RUNS,
)
from realtime.background.periodic.health import silence_seconds
from realtime.background.task_rows import ACTIVE
from realtime.database import run_in_db_thread
from realtime.log import topics
from realtime.models import Heartbeat, TaskRun
from realtime.protocol.server_frames import Row, isoformat
from realtime.pubsub import BestEffortPublisher
from realtime.relay.audience import Audience

logger = logging.getLogger(__name__)

KEY = "standing:now"
ROBOTS = "robots"
STATUS_SECONDS = 2.0
# Skipped by the relay: their result rarely changes, and they take connections or time.
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
    """The current status of the site. skip: names of checks that are not run."""
    found = checks.findings(skip=skip)
    pending = _number(PENDING_MARKERS)
    failing = [name for name, finding in found.items() if not finding.ok and finding.is_known]
    return {
        "key": KEY,
        "kind": "standing",
        "version": 0,
        "at": isoformat(timezone.now()),
        "checked": [name for name, finding in found.items() if finding.is_known],
        "failing": list(dict.fromkeys([*failing, *_other_failures()])),
        "pending": None if pending is None else int(pending),
        "oldest_seconds": _number(OLDEST_MARKER_SECONDS),
        "schedule_seconds": _number(SCHEDULE_SILENCE_SECONDS),
        "queues": [
            {"name": name, "length": int(length)} for (name,), length in _read(QUEUE_LENGTH).items()
        ],
    }


def _other_failures() -> Iterable[str]:
    """Failures that /readyz does not report.

    The relay check passes while nothing is pending, so a missing relay is reported here.
    """
    if _read(PROCESSES_ALIVE).get((Heartbeat.Process.RELAY.value,), 1) == 0:
        yield "relay"
    if _number(DINGTALK_ROBOTS_UNWELL):
        yield ROBOTS


def _number(gauge: DbGauge) -> float | None:
    """The value of a gauge without labels; None if it is unknown or infinite."""
    number = _read(gauge).get(())
    return None if number is None or math.isinf(number) else round(number, 1)


def _read(gauge: DbGauge) -> Reading:
    """The values of a gauge; {} if its server fails, so that the other values are still shown."""
    try:
        return gauge.read()
    except Exception as error:  # every broker library has its own exceptions
        lost = {"action": "standing_unread", "metric": gauge.name}
        logger.warning("Could not read %s (%s)", gauge.name, type(error).__name__, extra=lost)
        return {}


async def publish_status(publisher: BestEffortPublisher) -> None:
    """Publishes the status row every STATUS_SECONDS while somebody follows `ops`. Never returns.

    Runs in the relay.
    """
    audience = Audience()
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        if await run_in_db_thread(audience.with_listeners, {topics.ops()}):
            row = await run_in_db_thread(lambda: status_row(skip=SLOW_CHECKS))
            message = {"type": "realtime.latest", "topic": topics.ops(), "items": {KEY: row}}
            publisher.publish(topics.ops(), message)
