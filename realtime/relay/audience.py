"""Finds out which topics any web process follows. The relay renders rows for these alone.

A hub joins a topic's group before it reads the topic's position. So a hub that was not yet counted
here, after the positions were assigned, finds those changes in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import redis

from realtime import site_identity
from realtime.circuit_breaker import CircuitBreaker
from realtime.redis_connection import redis_connection

logger = logging.getLogger(__name__)

COOLDOWN_SECONDS = 1.0


class Audience:
    """Asks Redis for the subscribers of topics, behind a circuit breaker."""

    def __init__(self) -> None:
        self._breaker = CircuitBreaker(COOLDOWN_SECONDS)

    def with_listeners(self, topics: Collection[str]) -> set[str]:
        """Those topics that some process follows.

        Empty if Redis is away, since no process could be reached then.
        """
        if not topics or self._breaker.is_open:
            return set()
        topic_of = {group_name(topic): topic for topic in topics}
        try:
            counts: Any = redis_connection().pubsub_numsub(*topic_of)
        except redis.RedisError:
            self._breaker.trip()
            logger.warning(
                "Redis is away: no process can be told of changes",
                extra={"action": "audience_unknown"},
            )
            return set()
        return {topic_of[_text(group)] for group, listeners in counts if listeners}


def group_name(topic: str) -> str:
    """The name that channels_redis gives to a topic's group in Redis.

    Not documented by the library, which cannot count the members of a group. With another name the
    relay would find no listeners, and boards would read changes from the database once a second.
    """
    return f"{site_identity.prefix()}:__group__{topic}"


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
