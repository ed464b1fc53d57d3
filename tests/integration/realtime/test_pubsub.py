"""Publishing over a channel layer that works, is away, or has stopped answering."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings

from project.embedded import redis_url
from project.embedded.sharing import embedded_servers
from realtime import pubsub
from realtime.pubsub import BestEffortPublisher, GuardedLayer
from tests.support.contracts.metrics_in_process import Scrape, scraped

CHANNEL = "test.channel"


@pytest.fixture
def own_valkey(data_dir: Path) -> Iterator[str]:
    """The address of a Valkey that only this test uses, so that it may be stopped."""
    with embedded_servers(data_dir, names=("Valkey",), durable=False):
        yield redis_url(data_dir)


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """The Valkey at this address is suspended, with its connections open."""
    socket = address.partition("://")[2].partition("?")[0]
    process = next(
        one
        for one in psutil.process_iter(["name"])
        if "valkey" in (one.info["name"] or "")
        and any(each.laddr == socket for each in one.net_connections("unix"))
    )
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a layer that uses the Redis at this address."""

    def over(address: str) -> GuardedLayer:
        channels = RedisPubSubChannelLayer(hosts=[address], prefix="test")
        monkeypatch.setattr(pubsub, "get_channel_layer", lambda: channels)
        return GuardedLayer()

    return over


async def test_messages_arrive_in_the_order_in_which_they_were_published(over: Any) -> None:
    used = over(settings.REDIS_URL)
    channel = await used.channels.new_channel()
    assert await used.join("board.x", channel)
    publisher = BestEffortPublisher(used)
    running = asyncio.gather(*(loop() for loop in publisher.loops))
    for number in range(50):
        publisher.publish("board.x", {"number": number})
    heard = [await used.channels.receive(channel) for _ in range(50)]
    running.cancel()
    assert [message["number"] for message in heard] == list(range(50))
    await used.reset()


async def test_after_one_timeout_calls_to_a_hanging_layer_fail_at_once(
    over: Any, own_valkey: str
) -> None:
    """The first call times out; the others are skipped until the cooldown is over."""
    used = over(own_valkey)
    assert await used.send("board.x", {}), "it responds at first"
    calls: list[str] = []
    group_send = used.channels.group_send

    async def counted(*arguments: Any) -> None:
        calls.append("group_send")
        await group_send(*arguments)

    used.channels.group_send = counted
    with stopped(own_valkey):
        sent = [await used.send("board.x", {}) for _ in range(20)]
    assert sent == [False] * 20
    assert calls == ["group_send"]
    await used.channels.flush()


async def test_messages_beyond_the_queue_limit_are_dropped_and_counted(
    over: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pubsub, "MAX_QUEUED_MESSAGES", 3)
    before = scraped()
    publisher = BestEffortPublisher(over("redis://127.0.0.1:1"))
    for number in range(5):
        publisher.publish("board.x", {"number": number})
    assert [one.message for one in caplog.records] == [
        "A message was dropped: the channel layer is too slow"
    ] * 2
    assert scraped().since(before).of("recruit_live_dropped_total", what="hint") == 2


async def test_messages_beyond_the_byte_limit_are_dropped_and_what_is_sent_makes_room(
    over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pubsub, "MAX_QUEUED_BYTES", 100)
    used = over(settings.REDIS_URL)
    channel = await used.channels.new_channel()
    assert await used.join("board.x", channel)
    publisher, before = BestEffortPublisher(used), scraped()
    for number in range(3):
        publisher.publish("board.x", {"number": number}, size_bytes=60)
    assert scraped().since(before).of("recruit_live_dropped_total", what="hint") == 2
    running = asyncio.gather(*(loop() for loop in publisher.loops))
    assert (await used.channels.receive(channel))["number"] == 0
    publisher.publish("board.x", {"number": 3}, size_bytes=500)
    assert (await used.channels.receive(channel))["number"] == 3, "a large one is sent alone"
    running.cancel()
    await used.reset()


async def test_a_layer_that_comes_back_is_used_again(over: Any, own_valkey: str) -> None:
    used, before = over(own_valkey), scraped()
    with stopped(own_valkey):
        assert await used.send("board.x", {}) is False
    assert failures_and_reconnects(before) == (1, 0)
    async with asyncio.timeout(30):
        while not await used.send("board.x", {}):  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0.1)
    assert failures_and_reconnects(before)[1] == 1
    assert await used.send("board.x", {})
    assert failures_and_reconnects(before)[1] == 1, "it was not interrupted again"
    await used.reset()


def failures_and_reconnects(before: Scrape) -> tuple[float, float]:
    """How often the layer failed to take a message, and how often it came back."""
    moved = scraped().since(before)
    lost = moved.of("recruit_layer_errors_total", operation="group_send")
    return lost, moved.of("recruit_layer_reconnects_total")
