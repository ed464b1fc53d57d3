import asyncio

import pytest

from realtime.hub import send_queue
from realtime.hub.send_queue import SendQueue
from realtime.protocol.errors import PositionLost, SlowReader
from realtime.protocol.server_frames import FrameText
from tests.support.metrics_in_process import scraped


def frame(text: str) -> FrameText:
    return FrameText("changes", text)


async def test_frames_come_out_in_the_order_they_went_in() -> None:
    box = SendQueue()
    for position, text in enumerate(("one", "two", "three")):
        box.put(frame(text), position)
    assert [await box.take() for _ in range(3)] == ["one", "two", "three"]


async def test_a_reader_who_waits_is_woken_by_the_next_frame() -> None:
    box = SendQueue()
    reader = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    assert not reader.done()
    box.put(frame("one"), 1)
    assert await reader == "one"


async def test_a_full_mailbox_lets_its_reader_go_and_holds_nothing_any_more() -> None:
    box = SendQueue()
    for number in range(send_queue.MAX_QUEUED_FRAMES + 1):
        box.put(frame(str(number)), number)
    assert box.waiting_frames == 0
    with pytest.raises(SlowReader):
        await box.take()


async def test_few_but_huge_frames_fill_a_mailbox_too() -> None:
    box = SendQueue()
    box.put(frame("x" * send_queue.MAX_QUEUED_BYTES), 1)
    box.put(frame("x"), 2)
    with pytest.raises(SlowReader):
        await box.take()


async def test_the_bound_is_in_bytes_whatever_the_language() -> None:
    box = SendQueue()
    box.put(frame("王" * (send_queue.MAX_QUEUED_BYTES // 3)), 1)
    box.put(frame("王"), 2)
    with pytest.raises(SlowReader):
        await box.take()


async def test_a_whole_board_that_changes_at_once_sends_nobody_away() -> None:
    box = SendQueue()
    box.put(frame("x" * (send_queue.MAX_QUEUED_BYTES + 1)), 1)
    assert len(await box.take()) == send_queue.MAX_QUEUED_BYTES + 1


async def test_a_snapshot_of_any_size_may_open_a_mailbox() -> None:
    box = SendQueue()
    box.start([frame("x" * (send_queue.MAX_QUEUED_BYTES + send_queue.WINDOW_BYTES))], 1)
    box.put(frame("next"), 2)
    assert len(await box.take()) > send_queue.MAX_QUEUED_BYTES


async def test_nothing_is_sent_past_the_window_until_it_is_acknowledged() -> None:
    box = SendQueue()
    for position in range(send_queue.WINDOW_FRAMES):
        box.put(frame("one"), position)
        await box.take()
    box.put(frame("one more"), send_queue.WINDOW_FRAMES)
    reader = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    assert not reader.done(), "the window is full"
    box.acknowledge(0)
    assert await reader == "one more"


async def test_a_reader_who_never_acknowledges_costs_a_window_and_a_mailbox_and_is_let_go() -> None:
    box, text, taken = SendQueue(), frame("x" * 10_000), 0

    async def write() -> None:
        nonlocal taken
        while True:
            await box.take()
            taken += 1

    writer = asyncio.create_task(write())
    for position in range(10_000):
        box.put(text, position)
        await asyncio.sleep(0)
    with pytest.raises(SlowReader):
        await writer
    assert taken * len(text) <= send_queue.WINDOW_BYTES + len(text)


async def test_progress_that_waits_is_replaced_by_newer_progress() -> None:
    box, before = SendQueue("tasks"), scraped()
    box.put(frame("first"), 1)
    for done in range(1000):
        row = {"key": "task:1", "done": done}
        box.put_latest({"task:1": row}, frame("unused while something waits"))
    assert box.waiting_frames == 2
    assert scraped().since(before).of("recruit_live_dropped_total", what="latest") == 999
    assert await box.take() == "first"
    assert '"done":999' in await box.take()


async def test_progress_never_lets_a_reader_go() -> None:
    box = SendQueue("tasks")
    for number in range(send_queue.WINDOW_FRAMES * 2):
        box.put_latest({f"task:{number % 3}": {"done": number}}, frame("x" * 1000))
    box.put(frame("a durable one"), 1)


async def test_the_first_failure_is_the_one_told() -> None:
    box = SendQueue()
    box.fail(PositionLost())
    box.fail(SlowReader())
    with pytest.raises(PositionLost):
        await box.take()
