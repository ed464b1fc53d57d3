"""The channel layer as we use it: for hints, which may be lost, and which nobody waits for.

All that comes over it is in the database too. So a layer that does not answer is left alone for a
moment, and what would have been said meanwhile is dropped; whoever needed it finds it by looking.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import get_channel_layer

from realtime.breaker import Breaker

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5  # of the two seconds that a board without Redis may be late
REST_SECONDS = 1.0
WAITING_HINTS = 256


class Layer:
    """The layer of the running event loop, behind a breaker."""

    def __init__(self) -> None:
        self.channels: Any = get_channel_layer()
        self._breaker = Breaker(REST_SECONDS)

    async def join(self, topic: str, channel: str) -> bool:
        """Have what is said to the topic's group arrive at this channel."""
        return await self._answers(self.channels.group_add, topic, channel)

    async def leave(self, topic: str, channel: str) -> bool:
        return await self._answers(self.channels.group_discard, topic, channel)

    async def say(self, topic: str, message: dict[str, Any]) -> bool:
        """Hand a message to all channels of a topic's group."""
        return await self._answers(self.channels.group_send, topic, message)

    async def start_anew(self) -> bool:
        """Forget the connections, the channels, and who joined what."""
        return await self._answers(self.channels.flush)

    async def _answers(self, call: Callable[..., Awaitable[Any]], *arguments: Any) -> bool:
        """Whether the layer did it: within half a second, and not just after a failure."""
        if self._breaker.is_open:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await call(*arguments)
        except Exception as error:
            self._breaker.trip()
            logger.warning(
                "The channel layer did not answer (%s)",
                type(error).__name__,
                extra={"action": "layer_lost"},
            )
            return False
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
            logger.warning("A hint was dropped", extra={"action": "hint_dropped"})

    async def run(self) -> None:
        """Hand them to the layer, one after the other, for ever."""
        while True:
            await self._layer.say(*await self._waiting.get())
