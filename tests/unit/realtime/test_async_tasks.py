"""A process can always end its tasks, whatever they are doing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from redis.exceptions import RedisError

from realtime import async_tasks
from realtime.async_tasks import cancel_all


async def _ignore_the_first_cancellation() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


async def test_a_task_that_swallows_the_first_cancellation_still_ends() -> None:
    """Some libraries swallow it while they are connecting."""
    task = asyncio.create_task(_ignore_the_first_cancellation())
    await asyncio.sleep(0)  # lets the task start
    async with asyncio.timeout(10):
        await cancel_all([task])
    assert task.cancelled()


async def test_cancelling_no_tasks_returns_at_once() -> None:
    await cancel_all([])


class LoopEnds(BaseException):
    """Ends the loop of the test; run_forever handles every Exception."""


async def test_a_loop_is_restarted_after_any_exception(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(async_tasks, "RETRY_SECONDS", 0)
    outcomes = iter([RedisError("down"), ValueError("a bug"), None, LoopEnds()])

    async def loop() -> None:
        if outcome := next(outcomes):
            raise outcome

    with pytest.raises(LoopEnds):
        await async_tasks.run_forever(loop, process="relay")
    assert [record.action for record in caplog.records] == [
        "relay_lost_a_server",
        "relay_loop_failed",
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
