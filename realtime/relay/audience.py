"""Finds out which topics any web process follows. The relay renders rows for these alone.

A hub joins a topic's group before it reads the topic's position. So a hub that was not yet counted
here, after the positions were assigned, finds those changes in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import redis

from realtime.circuit_breaker import CircuitBreaker
from realtime.layer_servers import by_server, group_name, layer_connection, number_of_servers

logger = logging.getLogger(__name__)

COOLDOWN_SECONDS = 1.0


class Audience:
    """Asks Redis for the subscribers of topics, behind a circuit breaker for each server."""

    def __init__(self) -> None:
        self._breakers = [CircuitBreaker(COOLDOWN_SECONDS) for _ in range(number_of_servers())]

    def with_listeners(self, topics: Collection[str]) -> set[str]:
        """Those topics that some process follows.

        Without those of a server that is away, since no process could be reached there.
        """
        found: set[str] = set()
        for place, carried in by_server(topics).items():
            found |= self._with_listeners(place, carried)
        return found

    def _with_listeners(self, place: int, topics: list[str]) -> set[str]:
        breaker = self._breakers[place]
        if breaker.is_open:
            return set()
        topic_of = {group_name(topic): topic for topic in topics}
        try:
            counts: Any = layer_connection(place).pubsub_numsub(*topic_of)
        except redis.RedisError:
            breaker.trip()
            logger.warning(
                "Redis is away: no process can be told of changes",
                extra={"action": "audience_unknown"},
            )
            return set()
        return {topic_of[_text(group)] for group, listeners in counts if listeners}


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
