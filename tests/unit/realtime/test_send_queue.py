import asyncio

import pytest

from realtime.hub import send_queue
from realtime.hub.send_queue import SendQueue
from realtime.protocol.errors import PositionLost, SlowReader
from realtime.protocol.server_frames import FrameText
from tests.support.contracts.metrics_in_process import scraped


def frame(text: str) -> FrameText:
    return FrameText("changes", text)


async def test_frames_are_taken_in_the_order_in_which_they_were_put() -> None:
    queue = SendQueue()
    for position, text in enumerate(("one", "two", "three")):
        queue.put(frame(text), position)
    assert [await queue.take() for _ in range(3)] == ["one", "two", "three"]


async def test_a_waiting_reader_gets_the_next_frame() -> None:
    queue = SendQueue()
    reader = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    assert not reader.done()
    queue.put(frame("one"), 1)
    assert await reader == "one"


async def test_a_full_queue_fails_with_slow_reader_and_drops_its_frames() -> None:
    queue = SendQueue()
    for number in range(send_queue.MAX_QUEUED_FRAMES + 1):
        queue.put(frame(str(number)), number)
    assert queue.waiting_frames == 0
    with pytest.raises(SlowReader):
        await queue.take()


async def test_a_few_huge_frames_fill_the_queue_too() -> None:
    queue = SendQueue()
    queue.put(frame("x" * send_queue.MAX_QUEUED_BYTES), 1)
    queue.put(frame("x"), 2)
    with pytest.raises(SlowReader):
        await queue.take()


async def test_the_limit_is_in_bytes_not_in_characters() -> None:
    queue = SendQueue()
    queue.put(frame("王" * (send_queue.MAX_QUEUED_BYTES // 3)), 1)
    queue.put(frame("王"), 2)
    with pytest.raises(SlowReader):
        await queue.take()


async def test_a_single_frame_larger_than_the_limit_is_accepted() -> None:
    queue = SendQueue()
    queue.put(frame("x" * (send_queue.MAX_QUEUED_BYTES + 1)), 1)
    assert len(await queue.take()) == send_queue.MAX_QUEUED_BYTES + 1


async def test_a_snapshot_of_any_size_may_start_the_queue() -> None:
    queue = SendQueue()
    queue.start([frame("x" * (send_queue.MAX_QUEUED_BYTES + send_queue.WINDOW_BYTES))], 1)
    queue.put(frame("next"), 2)
    assert len(await queue.take()) > send_queue.MAX_QUEUED_BYTES


async def test_nothing_is_sent_beyond_the_window_until_it_is_acknowledged() -> None:
    queue = SendQueue()
    for position in range(send_queue.WINDOW_FRAMES):
        queue.put(frame("one"), position)
        await queue.take()
    queue.put(frame("one more"), send_queue.WINDOW_FRAMES)
    reader = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    assert not reader.done(), "the window is full"
    queue.acknowledge(0)
    assert await reader == "one more"


async def test_a_reader_that_never_acknowledges_gets_one_window_and_then_fails() -> None:
    queue, text, taken = SendQueue(), frame("x" * 10_000), 0

    async def write() -> None:
        nonlocal taken
        while True:
            await queue.take()
            taken += 1

    writer = asyncio.create_task(write())
    for position in range(10_000):
        queue.put(text, position)
        await asyncio.sleep(0)
    with pytest.raises(SlowReader):
        await writer
    assert taken * len(text) <= send_queue.WINDOW_BYTES + len(text)


async def test_waiting_progress_is_replaced_by_newer_progress() -> None:
    queue, before = SendQueue("tasks"), scraped()
    queue.put(frame("first"), 1)
    for done in range(1000):
        row = {"key": "task:1", "done": done}
        queue.put_latest({"task:1": row}, frame("unused while something waits"))
    assert queue.waiting_frames == 2
    assert scraped().since(before).of("recruit_live_dropped_total", what="latest") == 999
    assert await queue.take() == "first"
    assert '"done":999' in await queue.take()


async def test_progress_never_fills_the_queue() -> None:
    queue = SendQueue("tasks")
    for number in range(send_queue.WINDOW_FRAMES * 2):
        queue.put_latest({f"task:{number % 3}": {"done": number}}, frame("x" * 1000))
    queue.put(frame("a durable one"), 1)


async def test_the_first_failure_is_the_one_raised() -> None:
    queue = SendQueue()
    queue.fail(PositionLost())
    queue.fail(SlowReader())
    with pytest.raises(PositionLost):
        await queue.take()
