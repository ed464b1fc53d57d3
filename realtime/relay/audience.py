"""Which topics are shown anywhere: of the others the relay gives positions, and renders nothing.

A process joins a topic's group before it looks where the topic stands. So whoever is not counted
here, after the positions were given, will find them in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from realtime.circuit_breaker import Breaker

logger = logging.getLogger(__name__)

REST_SECONDS = 1.0


class Audience:
    """Asks Redis who listens, as long as Redis answers; without it nobody could be told anyway."""

    def __init__(self) -> None:
        self._breaker = Breaker(REST_SECONDS)

    def among(self, topics: Collection[str]) -> set[str]:
        """Those of these topics that some process shows."""
        if not topics or self._breaker.is_open:
            return set()
        topic_of = {group_of(topic): topic for topic in topics}
        try:
            counted: Any = _redis().pubsub_numsub(*topic_of)
        except redis.RedisError:
            self._breaker.trip()
            logger.warning("Nobody can be told of changes", extra={"action": "audience_unknown"})
            return set()
        return {topic_of[_text(group)] for group, listeners in counted if listeners}


def group_of(topic: str) -> str:
    """The name that channels_redis gives to the group of a topic."""
    return f"{settings.CHANNEL_PREFIX}__group__{topic}"


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


@lru_cache(1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
