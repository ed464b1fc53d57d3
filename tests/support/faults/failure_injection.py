"""Injects failures: lost and reordered wake-ups, and sockets that are cut."""

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
HELD_BACK_SECONDS = 0.3  # long enough for later hints to overtake
OUTCOMES = ["lost"] * 3 + ["doubled"] + ["held back"] * 3 + ["passed on"] * 3


class UnreliableLayer(RedisPubSubChannelLayer):
    """Loses three of ten hints to boards, sends one twice, and delays three.

    Logs each outcome, so that a test can count them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._outcomes = outcomes(random.Random(1))
        self._held: set[asyncio.Task[None]] = set()

    async def group_send(self, group: str, message: Any) -> None:
        send = self._get_layer().group_send
        if not (group.startswith("board.") and message["type"] == "realtime.batch"):
            await send(group, message)
            return
        outcome = next(self._outcomes)
        logger.info("A hint was %s", outcome)
        if outcome == "held back":
            task = asyncio.create_task(self._send_late(send, group, message))
            self._held.add(task)
            task.add_done_callback(self._held.discard)
            return
        for _ in repeat(None, {"lost": 0, "doubled": 2}.get(outcome, 1)):
            await send(group, message)

    async def _send_late(self, send: Any, group: str, message: Any) -> None:
        await asyncio.sleep(random.uniform(0, HELD_BACK_SECONDS))
        await send(group, message)


def outcomes(rng: random.Random) -> Iterator[str]:
    """Yields outcomes in shuffled blocks of ten, so that the shares are exact."""
    return chain.from_iterable(rng.sample(OUTCOMES, len(OUTCOMES)) for _ in repeat(None))


async def cut_at_random(
    pages: Sequence[Page], during: asyncio.Task[Any], *, at_least: int, seed: int = 1
) -> int:
    """Cuts each page's socket at random, at most two seconds apart, until `during` is done.

    Cuts each page at least `at_least` times; returns the number of cuts.
    """
    rng = random.Random(seed)

    async def keep_cutting(page: Page, rng: random.Random) -> int:
        cuts = 0
        while cuts < at_least or not during.done():
            await asyncio.sleep(rng.uniform(0, CUT_WITHIN_SECONDS))
            cuts += page.cut()
        return cuts

    cutting = [keep_cutting(page, random.Random(rng.random())) for page in pages]
    return sum(await asyncio.gather(*cutting))
