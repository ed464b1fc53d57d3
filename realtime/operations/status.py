"""What the site stands at by the clock: how much waits, how long, and which checks fail.

One row, of the second class: the newest wins. The relay tells it while somebody looks, and a web
process when the relay does not.
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
SLOW_CHECKS = frozenset({"migrations"})  # to look at; and they do not come and go by the clock


def register() -> None:
    TASK_RUNS.set_reader(task_runs)
    SCHEDULE_SILENCE_SECONDS.set_reader(lambda: {(): silence_seconds()})


def task_runs() -> Reading:
    """Of every kind that was seen lately, also of one that has nothing to do."""
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
    """skip: checks that are not made."""
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
    """What no load balancer needs to know. While nobody changes anything, nothing waits for a relay
    that is gone.
    """
    if _read(PROCESSES_ALIVE).get((Heartbeat.Process.RELAY.value,), 1) == 0:
        yield "relay"
    if _number(DINGTALK_ROBOTS_UNWELL):
        yield ROBOTS


def _number(gauge: DbGauge) -> float | None:
    """None: nobody knows."""
    number = _read(gauge).get(())
    return None if number is None or math.isinf(number) else round(number, 1)


def _read(gauge: DbGauge) -> Reading:
    """What is not known is not shown, and hides nothing else: another server may be gone."""
    try:
        return gauge.read()
    except Exception as error:  # each broker has failures of its own
        lost = {"action": "standing_unread", "metric": gauge.name}
        logger.warning("%s was not read (%s)", gauge.name, type(error).__name__, extra=lost)
        return {}


async def publish_status(publisher: BestEffortPublisher) -> None:
    """The relay's part, for ever: only while somebody looks."""
    audience = Audience()
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        if await run_in_db_thread(audience.with_listeners, {topics.ops()}):
            row = await run_in_db_thread(lambda: status_row(skip=SLOW_CHECKS))
            message = {"type": "realtime.latest", "topic": topics.ops(), "items": {KEY: row}}
            publisher.publish(topics.ops(), message)
