"""A process ends when it is told to, whatever its tasks are at."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from realtime.async_tasks import cancel_all


async def _deaf_to_the_first_word() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


async def test_a_task_that_swallows_the_first_word_ends_all_the_same() -> None:
    """As a connection does that is just being made."""
    task = asyncio.create_task(_deaf_to_the_first_word())
    await asyncio.sleep(0)  # it has begun
    async with asyncio.timeout(10):
        await cancel_all([task])
    assert task.cancelled()


async def test_nothing_to_end_is_ended_at_once() -> None:
    await cancel_all([])
