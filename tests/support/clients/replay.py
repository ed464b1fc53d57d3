"""Checks that snapshot plus frames equals a fresh snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from realtime.log.reader import take_snapshot
from tests.support.clients.board import Board
from tests.support.product.relay import publish_all


@contextmanager
def live_equals_fresh(*watched: str) -> Iterator[None]:
    """Asserts that a topic's frames lead to its fresh snapshot, and that there were some."""
    publish_all()
    watching = {topic: Board.from_snapshot(take_snapshot(topic)) for topic in watched}
    yield
    batches = publish_all()
    for topic in watched:
        frames = [batch for batch in batches if batch.topic == topic]
        assert frames, f"{topic} announced nothing: this test proves nothing"
        for frame in frames:
            watching[topic] = watching[topic].apply(frame)
        fresh = Board.from_snapshot(take_snapshot(topic))
        assert not watching[topic].stale
        assert watching[topic].position == fresh.position
        assert watching[topic].rows == fresh.rows
