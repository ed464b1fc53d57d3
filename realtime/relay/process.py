"""The relay's process: waits for hints, publishes batches, passes ticks of progress on."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import psycopg
import redis.asyncio
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from monitoring.metrics.event_loop import watch_lag
from monitoring.metrics.metrics import RELAY_BATCH_SIZE, RELAY_BATCHES, RELAY_CHANGES, RELAY_SECONDS
from monitoring.metrics.socket_metrics import topic_metrics
from monitoring.sentry import reporting
from realtime.async_tasks import end_all
from realtime.background.heartbeats import BEAT_SECONDS, HeartbeatWriter, heartbeats_mark_silent
from realtime.background.progress import PROGRESS_CHANNEL
from realtime.database import in_database
from realtime.hub.pubsub import Hints, Layer
from realtime.log.changes import WAKE_CHANNEL
from realtime.log.topics import prefix_of
from realtime.models import Heartbeat
from realtime.operations import status
from realtime.protocol.server_frames import Batch
from realtime.relay.audience import Audience
from realtime.relay.numbering import Numbered, give_positions, rendered

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # the price of a lost hint
RETRY_SECONDS = 1.0
LOST_SERVER = (OSError, psycopg.OperationalError, OperationalError, redis.RedisError)


async def run() -> None:
    """Relay until SIGTERM or SIGINT."""
    woken, stopped = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    hints = Hints(Layer())
    loops = (
        lambda: _publish(woken, hints),
        lambda: _listen(woken),
        lambda: _pass_progress_on(hints),
        lambda: status.publish_status(hints),
        hints.run,
        _live,
        watch_lag,
    )
    tasks = [asyncio.create_task(_forever(work)) for work in loops]
    logger.info("The relay is running", extra={"action": "relay_started"})
    await stopped.wait()
    await end_all(tasks)


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    """One of three edges that catch broadly: log, pause, go on. The log in the database is safe."""
    while True:
        with reporting.isolated_scope(loop="relay"):
            try:
                await work()
            except LOST_SERVER as error:
                lost = {"action": "relay_lost_a_server"}
                logger.warning("The relay lost a server (%s)", type(error).__name__, extra=lost)
            except Exception:
                logger.exception("The relay stumbled", extra={"action": "relay_failed"})
        await asyncio.sleep(RETRY_SECONDS)


async def _publish(woken: asyncio.Event, hints: Hints) -> None:
    """Number and render what is pending; the layer, however slow, never holds up the numbers."""
    audience = Audience()
    while True:
        woken.clear()
        numbered, batches = await in_database(_take_turn, audience)
        for batch in batches:
            hints.say(batch.topic, {"type": "realtime.batch", **batch.message()})
        if not numbered:
            await _wait(woken, POLL_SECONDS)


def _take_turn(audience: Audience) -> tuple[int, list[Batch]]:
    """How many topics got positions, and the rows of those that somebody shows."""
    began = perf_counter()
    numbered = give_positions()
    batches = rendered(numbered, audience.among)
    if numbered:  # a look at nothing is no turn
        RELAY_SECONDS.observe(perf_counter() - began)
    _count(numbered, batches)
    return len(numbered), batches


def _count(numbered: list[Numbered], batches: list[Batch]) -> None:
    for part in numbered:
        topic_metrics(prefix_of(part.topic)).folded.inc(part.folded)
    for batch in batches:
        RELAY_BATCHES.inc()
        RELAY_CHANGES.inc(len(batch.changes))
        RELAY_BATCH_SIZE.observe(len(batch.changes))


async def _live() -> None:
    """Give signs of life, and look who gives none: workers cannot tell of their own end."""
    writer = HeartbeatWriter(Heartbeat.Process.RELAY)
    try:
        while True:
            await in_database(writer.beat)
            await in_database(lambda: heartbeats_mark_silent(timezone.now()))
            await asyncio.sleep(BEAT_SECONDS)
    except asyncio.CancelledError:
        await in_database(writer.stop)
        raise


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _listen(woken: asyncio.Event) -> None:
    """PostgreSQL's own notifications, delivered when the recording transaction commits."""
    parameters = await in_database(_connection_parameters)
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
        await listener.execute(f"LISTEN {WAKE_CHANNEL}")
        async for _hint_received in listener.notifies():
            woken.set()


def _connection_parameters() -> dict[str, Any]:
    wanted = {"dbname", "user", "password", "host", "port", "sslmode"}
    return {k: v for k, v in connection.get_connection_params().items() if k in wanted}


async def _pass_progress_on(hints: Hints) -> None:
    async with redis.asyncio.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
        await channel.subscribe(PROGRESS_CHANNEL)
        async for message in channel.listen():
            if message["type"] == "message":
                tick = json.loads(message["data"])
                items = {tick["key"]: tick["row"]}
                for topic in tick["topics"]:
                    hints.say(topic, {"type": "realtime.latest", "topic": topic, "items": items})
