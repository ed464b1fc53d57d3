"""Gauges of a web process's sockets and hubs. Their values are computed when they are scraped."""

from __future__ import annotations

from functools import partial

from monitoring.metrics.metrics import SEND_QUEUE_FRAMES, SEND_QUEUE_MAX_FRAMES, TOPICS_FOLLOWED
from monitoring.metrics.socket_metrics import topic_metrics
from realtime.consumers import CONSUMERS
from realtime.hub.hub import all_hubs
from realtime.log import topics


def register() -> None:
    """Provide the gauges' values. Called in web processes only; others have no sockets."""
    for label in (consumer.label for consumer in CONSUMERS):
        SEND_QUEUE_FRAMES.labels(label).set_function(partial(_frames, label))
        SEND_QUEUE_MAX_FRAMES.labels(label).set_function(partial(_deepest, label))
    for kind in topics.prefixes():
        topic_metrics(kind)  # creates its series at zero, before the first subscription
        TOPICS_FOLLOWED.labels(kind).set_function(partial(_followed, kind))


def _frames(consumer: str) -> int:
    return sum(sum(hub.sockets.waiting_frames(consumer)) for hub in all_hubs())


def _deepest(consumer: str) -> int:
    return max(
        (max(hub.sockets.waiting_frames(consumer), default=0) for hub in all_hubs()), default=0
    )


def _followed(kind: str) -> int:
    return sum(topics.prefix_of(topic) == kind for hub in all_hubs() for topic in hub.topics)
