"""Ending tasks that were meant to run for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

ASK_AGAIN_SECONDS = 0.5


async def end_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel these tasks, and ask again until each has ended: a connection that is just being made
    swallows the first word.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _done, running = await asyncio.wait(running, timeout=ASK_AGAIN_SECONDS)
