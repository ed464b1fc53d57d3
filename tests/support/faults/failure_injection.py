"""Trouble, made on purpose: hints that go astray, sockets that are cut, servers that die."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from tests.support.clients.simulated_clients import Page

logger = logging.getLogger(__name__)

CUT_WITHIN_SECONDS = 2.0
HELD_BACK_SECONDS = 0.3  # long enough for those behind it to overtake
DECK = ["lost"] * 3 + ["doubled"] + ["held back"] * 3 + ["passed on"] * 3


class UnreliableLayer(RedisPubSubChannelLayer):
    """Of ten hints to boards three are lost, one is doubled, and three are overtaken.

    Each fate is logged, so that a test can count them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fates = fates(random.Random(1))
        self._held: set[asyncio.Task[None]] = set()

    async def group_send(self, group: str, message: Any) -> None:
        send = self._get_layer().group_send
        if not (group.startswith("board.") and message["type"] == "realtime.batch"):
            await send(group, message)
            return
        fate = next(self._fates)
        logger.info("A hint was %s", fate)
        if fate == "held back":
            task = asyncio.create_task(self._send_late(send, group, message))
            self._held.add(task)
            task.add_done_callback(self._held.discard)
            return
        for _ in repeat(None, {"lost": 0, "doubled": 2}.get(fate, 1)):
            await send(group, message)

    async def _send_late(self, send: Any, group: str, message: Any) -> None:
        await asyncio.sleep(random.uniform(0, HELD_BACK_SECONDS))
        await send(group, message)


def fates(chance: random.Random) -> Iterator[str]:
    """Ten at a time, shuffled: the shares are exact, whatever the number."""
    return chain.from_iterable(chance.sample(DECK, len(DECK)) for _ in repeat(None))


async def cut_at_random(
    pages: Sequence[Page], during: asyncio.Task[Any], *, at_least: int, seed: int = 1
) -> int:
    """Cut each page's socket at random moments within two seconds of each other, again and again,
    while something goes on; how often in all.
    """
    chance = random.Random(seed)

    async def keep_cutting(page: Page, chance: random.Random) -> int:
        cuts = 0
        while cuts < at_least or not during.done():
            await asyncio.sleep(chance.uniform(0, CUT_WITHIN_SECONDS))
            cuts += page.cut()
        return cuts

    cutting = [keep_cutting(page, random.Random(chance.random())) for page in pages]
    return sum(await asyncio.gather(*cutting))
