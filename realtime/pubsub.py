"""Publish/subscribe between processes, over the Channels layer (Redis).

The relay and the hubs use it. Delivery is best effort, which is enough: everything published is
also in the database, where the hubs look once a second. A layer that does not answer is left alone
for a moment, and the messages of that time are dropped.
"""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import Any

from channels.layers import get_channel_layer

from monitoring.metrics.metrics import DROPPED, LAYER_ERRORS, LAYER_RECONNECTS, LAYER_SECONDS
from realtime.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5  # a board may be two seconds late without Redis; this is part of them
COOLDOWN_SECONDS = 1.0
MAX_QUEUED_MESSAGES = 256
MAX_QUEUED_BYTES = 16 * 1024 * 1024
"""A batch of two thousand cards has 1.5 MB, and its topic's whole log can be read instead."""
MESSAGES_DROPPED = DROPPED.labels("hint")
OPERATIONS = ("group_send", "group_add", "group_discard", "flush")
ERRORS = {operation: LAYER_ERRORS.labels(operation) for operation in OPERATIONS}


class GuardedLayer:
    """The channel layer of the running event loop, behind a circuit breaker.

    Every method returns whether the layer carried it out; none raises if the layer is away.
    """

    def __init__(self) -> None:
        self.channels: Any = get_channel_layer()
        self._breaker = CircuitBreaker(COOLDOWN_SECONDS)
        self._is_lost = False

    async def join(self, topic: str, channel: str) -> bool:
        """Subscribe a channel to the messages of a topic."""
        return await self._call("group_add", topic, channel)

    async def leave(self, topic: str, channel: str) -> bool:
        """End what `join` began."""
        return await self._call("group_discard", topic, channel)

    async def send(self, topic: str, message: dict[str, Any]) -> bool:
        """Send a message to every channel that has joined the topic."""
        began = perf_counter()
        is_sent = await self._call("group_send", topic, message)
        if is_sent:
            LAYER_SECONDS.observe(perf_counter() - began)
        return is_sent

    async def reset(self) -> bool:
        """Drop all connections, channels and memberships."""
        return await self._call("flush")

    async def _call(self, operation: str, *arguments: Any) -> bool:
        """Call an operation of the layer, unless it has failed within the cooldown."""
        if self._breaker.is_open:
            return False
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await getattr(self.channels, operation)(*arguments)
        except Exception as error:
            self._breaker.trip()
            self._is_lost = True
            ERRORS[operation].inc()
            logger.warning(
                "The channel layer did not answer (%s)",
                type(error).__name__,
                extra={"action": "layer_lost"},
            )
            return False
        if self._is_lost and operation != "flush":  # flush succeeds without a server
            self._is_lost = False
            LAYER_RECONNECTS.inc()
        return True


class BestEffortPublisher:
    """A bounded queue of messages for the layer. Publishing never waits, and may drop a message."""

    def __init__(self, layer: GuardedLayer) -> None:
        self._layer = layer
        self._queue: asyncio.Queue[tuple[str, dict[str, Any], int]]
        self._queue = asyncio.Queue(MAX_QUEUED_MESSAGES)
        self._queued_bytes = 0

    def publish(self, topic: str, message: dict[str, Any], *, size_bytes: int = 0) -> None:
        """Queue a message. If the queue is full, the message is dropped and counted.

        size_bytes: of its content; what is not named counts as nothing. A message above the limit
        is sent if it is alone.
        """
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
        """Send the queued messages in order, until cancelled."""
        while True:
            topic, message, size_bytes = await self._queue.get()
            self._queued_bytes -= size_bytes
            await self._layer.send(topic, message)
