"""Cancelling asyncio tasks that run until the process stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

CANCEL_AGAIN_SECONDS = 0.5


async def cancel_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel these tasks and wait until all have ended.

    Cancels again every half second, because a library that is just connecting may swallow a
    cancellation.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _done, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
