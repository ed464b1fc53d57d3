"""Runs the relay's steps inside the test."""

from __future__ import annotations

from channels.layers import get_channel_layer

from realtime.database import run_in_db_thread
from realtime.protocol.server_frames import Batch
from realtime.relay.numbering import publish_pending


def publish_all(topic: str | None = None) -> list[Batch]:
    """Publishes until nothing is pending; returns the batches, of one topic if it is given."""
    batches: list[Batch] = []
    while published := publish_pending():
        batches += published
    return [batch for batch in batches if topic in {None, batch.topic}]


async def publish_and_hint() -> list[Batch]:
    """Publishes all that is pending and notifies the hubs, as the relay process does."""
    batches = await run_in_db_thread(publish_all)
    for batch in batches:
        message = {"type": "realtime.batch", **batch.message()}
        await get_channel_layer().group_send(batch.topic, message)
    return batches
