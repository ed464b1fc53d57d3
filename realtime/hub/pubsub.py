"""The channel layer as we use it: for hints, which may be lost, and which nobody waits for.

All that comes over it is in the database too. So a layer that does not answer is left alone for a
moment, and what would have been said meanwhile is dropped; whoever needed it finds it by looking.
"""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import Any

from channels.layers import get_channel_layer

from monitoring.metrics.metrics import DROPPED, LAYER_ERRORS, LAYER_RECONNECTS, LAYER_SECONDS
from realtime.circuit_breaker import Breaker

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5  # of the two seconds that a board without Redis may be late
REST_SECONDS = 1.0
WAITING_HINTS = 256
HINTS_DROPPED = DROPPED.labels("hint")
OPERATIONS = ("group_send", "group_add", "group_discard", "flush")
ERRORS = {operation: LAYER_ERRORS.labels(operation) for operation in OPERATIONS}


class Layer:
    """The layer of the running event loop, behind a breaker."""

    def __init__(self) -> None:
        self.channels: Any = get_channel_layer()
        self._breaker = Breaker(REST_SECONDS)
        self._is_lost = False

    async def join(self, topic: str, channel: str) -> bool:
        """Have what is said to the topic's group arrive at this channel."""
        return await self._answers("group_add", topic, channel)

    async def leave(self, topic: str, channel: str) -> bool:
        return await self._answers("group_discard", topic, channel)

    async def say(self, topic: str, message: dict[str, Any]) -> bool:
        """Hand a message to all channels of a topic's group."""
        began = perf_counter()
        is_taken = await self._answers("group_send", topic, message)
        if is_taken:
            LAYER_SECONDS.observe(perf_counter() - began)
        return is_taken

    async def start_anew(self) -> bool:
        """Forget the connections, the channels, and who joined what."""
        return await self._answers("flush")

    async def _answers(self, operation: str, *arguments: Any) -> bool:
        """Whether the layer did it: within half a second, and not just after a failure."""
        if self._breaker.is_open:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
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
        if self._is_lost and operation != "flush":  # which succeeds without a server
            self._is_lost = False
            LAYER_RECONNECTS.inc()
        return True


class Hints:
    """Messages on their way to the layer, in order; saying one never waits."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._waiting: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(WAITING_HINTS)

    def say(self, topic: str, message: dict[str, Any]) -> None:
        """Pass a hint on; with too many waiting already it is dropped."""
        try:
            self._waiting.put_nowait((topic, message))
        except asyncio.QueueFull:
            HINTS_DROPPED.inc()
            logger.warning("A hint was dropped", extra={"action": "hint_dropped"})

    async def run(self) -> None:
        """Hand them to the layer, one after the other, for ever."""
        while True:
            await self._layer.say(*await self._waiting.get())
