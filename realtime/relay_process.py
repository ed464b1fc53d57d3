"""The relay process: publishes batches of changes, and forwards the progress of tasks.

`manage.py relay` runs it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator
from time import monotonic, perf_counter
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone
from redis.asyncio.client import PubSub

from monitoring import redis_client
from monitoring.health import heartbeat_file
from monitoring.metrics.event_loop import watch_lag
from monitoring.metrics.metrics import RELAY_BATCH_SIZE, RELAY_BATCHES, RELAY_CHANGES, RELAY_SECONDS
from monitoring.metrics.socket_metrics import topic_metrics
from realtime.async_tasks import cancel_all, run_forever
from realtime.background import progress
from realtime.background.heartbeats import BEAT_SECONDS, HeartbeatWriter, heartbeats_mark_silent
from realtime.database import run_in_db_thread
from realtime.log.changes import WAKE_CHANNEL
from realtime.log.relay_activity import ACTIVITY_SECONDS, record_activity
from realtime.log.topics import prefix_of
from realtime.models import Heartbeat
from realtime.operations import status
from realtime.protocol.server_frames import Batch
from realtime.pubsub import BestEffortPublisher, GuardedLayer
from realtime.relay.audience import Audience
from realtime.relay.epochs import record_database
from realtime.relay.numbering import (
    BATCH_MARKERS,
    NumberedChanges,
    assign_positions,
    render_batches,
)
from realtime.relay.partition import ALL_TOPICS, partition_of
from realtime.relay.summary_pace import SummaryPace
from realtime.session_connection import connection_parameters

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # the delay of a change whose notification is lost
LISTENER_CHECK_SECONDS = 30.0
LISTENER_ANSWER_SECONDS = 5.0
PROGRESS_CHECK_SECONDS = 3.0  # as often as presence is repeated
PROGRESS_ANSWER_SECONDS = 1.0


async def run() -> None:
    """Run until SIGTERM or SIGINT."""
    wakeup, stopped = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    publisher, claims = BestEffortPublisher(GuardedLayer()), Claims()
    loops = (
        lambda: _publish(wakeup, publisher, claims),
        lambda: _listen(wakeup),
        lambda: _forward_progress(publisher),
        lambda: status.publish_status(publisher),
        *publisher.loops,
        lambda: _send_heartbeats(claims),
        _touch_heartbeat_file,
        watch_lag,
    )
    tasks = [asyncio.create_task(run_forever(one, process="relay")) for one in loops]
    logger.info("The relay is running", extra={"action": "relay_started"})
    await stopped.wait()
    await cancel_all(tasks)


class Claims:
    """The changes that this relay may claim: its partition, without counters that have to wait."""

    def __init__(self) -> None:
        self.partition = ALL_TOPICS
        self.pace = SummaryPace()

    def claim(self) -> list[NumberedChanges]:
        """Number pending changes. Takes all topics from now on if another relay's were overdue."""
        numbered = assign_positions(self.partition, self.pace.deferred())
        self.pace.note(numbered)
        if not all(part.is_own for part in numbered):
            self.partition = ALL_TOPICS
        return numbered


async def _publish(wakeup: asyncio.Event, publisher: BestEffortPublisher, claims: Claims) -> None:
    """Number, render and publish pending changes. A slow channel layer does not delay numbering."""
    audience, activity = Audience(), ActivityWriter()
    await run_in_db_thread(record_database)
    while True:
        wakeup.clear()
        is_full, batches = await run_in_db_thread(_number_and_render, audience, activity, claims)
        for batch in batches:
            message = {"type": "realtime.batch", **batch.message()}
            publisher.publish(batch.topic, message, size_bytes=batch.size_bytes())
        if not is_full:  # a change that has come meanwhile has set the event
            await _wait(wakeup, claims.pace.wait_seconds(POLL_SECONDS))


class ActivityWriter:
    """Tells the hubs, at most once each ACTIVITY_SECONDS, that this relay numbers changes."""

    def __init__(self) -> None:
        self._next = 0.0

    def write(self) -> None:
        if monotonic() < self._next:
            return
        if not record_activity():  # all tables have been emptied
            record_database()
            record_activity()
        self._next = monotonic() + ACTIVITY_SECONDS


def _number_and_render(
    audience: Audience, activity: ActivityWriter, claims: Claims
) -> tuple[bool, list[Batch]]:
    """Whether more changes may be pending, and a batch for each topic that anyone follows."""
    began = perf_counter()
    numbered = claims.claim()
    activity.write()
    batches = render_batches(numbered, audience.with_listeners)
    if numbered:  # idle polls would distort the histogram
        RELAY_SECONDS.observe(perf_counter() - began)
    _count(numbered, batches)
    claimed = sum(len(part.keys) + part.folded for part in numbered)
    return claimed >= BATCH_MARKERS, batches


def _count(numbered: list[NumberedChanges], batches: list[Batch]) -> None:
    for part in numbered:
        topic_metrics(prefix_of(part.topic)).folded.inc(part.folded)
    for batch in batches:
        RELAY_BATCHES.inc()
        RELAY_CHANGES.inc(len(batch.changes))
        RELAY_BATCH_SIZE.observe(len(batch.changes))


async def _send_heartbeats(claims: Claims) -> None:
    """Write this process's heartbeat, mark processes whose heartbeats have stopped as gone, and
    divide the topics among the relays that are alive.
    """
    writer = HeartbeatWriter(Heartbeat.Process.RELAY)
    try:
        while True:
            await run_in_db_thread(writer.beat)
            await run_in_db_thread(lambda: heartbeats_mark_silent(timezone.now()))
            claims.partition = await run_in_db_thread(partition_of, writer.row)
            await asyncio.sleep(BEAT_SECONDS)
    except asyncio.CancelledError:
        await run_in_db_thread(writer.stop)
        raise


async def _touch_heartbeat_file() -> None:
    """Show that the event loop runs, with or without the database."""
    try:
        while True:
            heartbeat_file.touch()
            await asyncio.sleep(heartbeat_file.TOUCH_SECONDS)
    finally:
        heartbeat_file.remove()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _listen(wakeup: asyncio.Event) -> None:
    """Set the event at each PostgreSQL notification of a committed change.

    Asks the server now and then: a firewall that drops an idle connection tells neither end.
    """
    parameters = await run_in_db_thread(connection_parameters)
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
        await listener.execute(f"LISTEN {WAKE_CHANNEL}")
        while True:
            async for _notification in listener.notifies(timeout=LISTENER_CHECK_SECONDS):
                wakeup.set()
            async with asyncio.timeout(LISTENER_ANSWER_SECONDS):
                await listener.execute("SELECT 1")


async def _forward_progress(publisher: BestEffortPublisher) -> None:
    """Publish the progress that workers report through Redis to the topics that show it."""
    name = await run_in_db_thread(progress.channel)
    redis = redis_client.connect_async(settings.REDIS_URL, **redis_client.TIMEOUTS)
    async with redis as client, client.pubsub() as channel:
        await channel.subscribe(name)
        async for message in _messages(channel):
            tick = json.loads(message["data"])
            items = {tick["key"]: tick["row"]}
            for topic in tick["topics"]:
                publisher.publish(
                    topic, {"type": "realtime.latest", "topic": topic, "items": items}
                )


async def _messages(channel: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Yield the messages of a subscription. Raises TimeoutError if the server is silent.

    A master that hangs, or whose network is cut, keeps its connections while Sentinels choose
    another one.
    """
    is_asked = False
    while True:
        seconds = PROGRESS_ANSWER_SECONDS if is_asked else PROGRESS_CHECK_SECONDS
        message = await channel.get_message(timeout=seconds)
        if message is None:
            if is_asked:
                raise TimeoutError("Redis does not answer")
            await channel.ping()
        elif message["type"] == "message":
            yield message
        is_asked = message is None
