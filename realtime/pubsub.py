"""Publish/subscribe between processes, over the Channels layer (Redis).

The relay and the hubs use it. Delivery is best effort, which is enough: everything published is
also in the database, where the hubs look once a second. A server that does not answer is left alone
for a moment, and its messages of that time are dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from channels.layers import get_channel_layer

from monitoring.metrics.metrics import DROPPED, LAYER_ERRORS, LAYER_RECONNECTS, LAYER_SECONDS
from realtime.circuit_breaker import CircuitBreaker
from realtime.layer_servers import number_of_servers, server_of

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5  # a board may be two seconds late without Redis; this is part of them
COOLDOWN_SECONDS = 1.0
MAX_QUEUED_MESSAGES = 256
MAX_QUEUED_BYTES = 16 * 1024 * 1024
"""A batch of two thousand cards has 1.5 MB, and its topic's whole log can be read instead."""
MESSAGES_DROPPED = DROPPED.labels("hint")
OPERATIONS = ("group_send", "group_add", "group_discard", "flush")
ERRORS = {operation: LAYER_ERRORS.labels(operation) for operation in OPERATIONS}


@dataclass(slots=True)
class _Server:
    """The state of a server of the layer. is_lost: its last call failed."""

    breaker: CircuitBreaker = field(default_factory=lambda: CircuitBreaker(COOLDOWN_SECONDS))
    is_lost: bool = False


class GuardedLayer:
    """The channel layer of the running event loop, behind a circuit breaker for each server.

    Every method returns whether the layer carried it out; none raises if the layer is away.
    """

    def __init__(self) -> None:
        self.channels: Any = get_channel_layer()
        self._servers = [_Server() for _ in range(number_of_servers())]
        self._all = _Server()

    async def join(self, topic: str, channel: str) -> bool:
        """Subscribe a channel to the messages of a topic."""
        return await self._call(self._server_of(topic), "group_add", topic, channel)

    async def leave(self, topic: str, channel: str) -> bool:
        """End what `join` began."""
        return await self._call(self._server_of(topic), "group_discard", topic, channel)

    async def send(self, topic: str, message: dict[str, Any]) -> bool:
        """Send a message to every channel that has joined the topic."""
        began = perf_counter()
        is_sent = await self._call(self._server_of(topic), "group_send", topic, message)
        if is_sent:
            LAYER_SECONDS.observe(perf_counter() - began)
        return is_sent

    async def reset(self) -> bool:
        """Drop all connections, channels and memberships."""
        return await self._call(self._all, "flush")

    def _server_of(self, topic: str) -> _Server:
        return self._servers[server_of(topic)]

    async def _call(self, server: _Server, operation: str, *arguments: Any) -> bool:
        """Call an operation of the layer, unless this server has failed within the cooldown."""
        if server.breaker.is_open:
            return False
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await getattr(self.channels, operation)(*arguments)
        except Exception as error:
            server.breaker.trip()
            server.is_lost = True
            ERRORS[operation].inc()
            logger.warning(
                "The channel layer did not answer (%s)",
                type(error).__name__,
                extra={"action": "layer_lost"},
            )
            return False
        if server.is_lost and operation != "flush":  # flush succeeds without a server
            server.is_lost = False
            LAYER_RECONNECTS.inc()
        return True


class BestEffortPublisher:
    """Bounded queues of messages for the layer. Publishing never waits, and may drop a message.

    Each server of the layer has a queue, so that one that hangs holds nothing up but its own.
    """

    def __init__(self, layer: GuardedLayer) -> None:
        self._queues = [_MessageQueue(layer) for _ in range(number_of_servers())]

    def publish(self, topic: str, message: dict[str, Any], *, size_bytes: int = 0) -> None:
        """Queue a message. If its queue is full, it is dropped and counted.

        size_bytes: of its content; what is not named counts as nothing. A message above the limit
        is sent if it is alone.
        """
        self._queues[server_of(topic)].put(topic, message, size_bytes)

    @property
    def loops(self) -> list[Callable[[], Awaitable[None]]]:
        """Send the queued messages, of each topic in order, until cancelled: one for each server.

        Tasks of their own, because a library that is just connecting may swallow a cancellation,
        which a task group does not repeat (see `async_tasks.cancel_all`).
        """
        return [queue.run for queue in self._queues]


class _MessageQueue:
    """The messages for one server of the layer."""

    def __init__(self, layer: GuardedLayer) -> None:
        self._layer = layer
        self._queue: asyncio.Queue[tuple[str, dict[str, Any], int]]
        self._queue = asyncio.Queue(MAX_QUEUED_MESSAGES)
        self._queued_bytes = 0

    def put(self, topic: str, message: dict[str, Any], size_bytes: int) -> None:
        is_heavy = self._queued_bytes > 0 and self._queued_bytes + size_bytes > MAX_QUEUED_BYTES
        if is_heavy or self._queue.full():
            MESSAGES_DROPPED.inc()
            logger.warning(
                "A message was dropped: the channel layer is too slow",
                extra={"action": "hint_dropped"},
            )
            return
        self._queue.put_nowait((topic, message, size_bytes))
        self._queued_bytes += size_bytes

    async def run(self) -> None:
        while True:
            topic, message, size_bytes = await self._queue.get()
            self._queued_bytes -= size_bytes
            await self._layer.send(topic, message)
