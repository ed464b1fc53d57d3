"""The channel layer on two servers: each carries a share of the topics, and either may be away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.test import override_settings

from realtime import pubsub, site_identity
from realtime.database import run_in_db_thread
from realtime.layer_servers import by_server, group_name, layer_connection, server_of
from realtime.pubsub import BestEffortPublisher, GuardedLayer
from realtime.relay.audience import Audience
from tests.integration.realtime.test_pubsub import own_valkey, stopped

__all__ = ["own_valkey"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)

TOPICS = [f"board.campaign-{number}.2026-11-30" for number in range(20)]


@pytest.fixture
def second(own_valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the second server; the first is that of all tests."""
    site_identity.site_id()
    both = [settings.REDIS_URL, own_valkey]
    layer = RedisPubSubChannelLayer(hosts=both, prefix=site_identity.prefix() + ":")
    monkeypatch.setattr(pubsub, "get_channel_layer", lambda: layer)
    layer_connection.cache_clear()
    with override_settings(LAYER_REDIS_URLS=both):
        yield own_valkey
    layer_connection.cache_clear()


async def joined(layer: GuardedLayer) -> str:
    """A channel that has joined all topics."""
    channel: str = await layer.channels.new_channel()
    for topic in TOPICS:
        assert await layer.join(topic, channel)
    return channel


@pytest.mark.usefixtures("second")
async def test_each_server_carries_about_half_of_the_topics_and_only_those() -> None:
    layer = GuardedLayer()
    await joined(layer)
    shares = by_server(TOPICS)
    assert min(len(share) for share in shares.values()) >= len(TOPICS) / 4
    for place in (0, 1):
        groups = [group_name(topic) for topic in TOPICS]
        counts = await run_in_db_thread(layer_connection(place).pubsub_numsub, *groups)
        heard = {topic for topic, (_group, number) in zip(TOPICS, counts, strict=True) if number}
        assert heard == set(shares[place])
    assert await run_in_db_thread(Audience().with_listeners, TOPICS) == set(TOPICS)
    await layer.reset()


async def test_a_server_that_hangs_concerns_its_own_topics_alone(second: str) -> None:
    layer = GuardedLayer()
    channel = await joined(layer)
    publisher, audience = BestEffortPublisher(layer), Audience()
    running = asyncio.gather(*(loop() for loop in publisher.loops))
    alive = [topic for topic in TOPICS if server_of(topic) == 0]
    with stopped(second):
        for topic in TOPICS:
            publisher.publish(topic, {"topic": topic})
        async with asyncio.timeout(pubsub.TIMEOUT_SECONDS):  # before the other server is given up
            heard = [(await layer.channels.receive(channel))["topic"] for _ in alive]
        assert heard == alive
        assert await run_in_db_thread(audience.with_listeners, TOPICS) == set(alive)
    running.cancel()
    await layer.reset()
