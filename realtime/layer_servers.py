"""The Redis servers of the channel layer (LAYER_REDIS_URLS): each carries a share of the topics.

A server that is away concerns its own topics alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import redis
from channels_redis.utils import _consistent_hash
from django.conf import settings

from monitoring import redis_client
from realtime import site_identity


def number_of_servers() -> int:
    return len(settings.LAYER_REDIS_URLS)


def group_name(topic: str) -> str:
    """The name that channels_redis gives to a topic's group in Redis.

    Not documented by the library, which cannot count the members of a group. With another name the
    relay would find no listeners, and boards would read changes from the database once a second.
    """
    return f"{site_identity.prefix()}:__group__{topic}"


def server_of(topic: str) -> int:
    """The place of the server that carries the messages of a topic, as channels_redis chooses it.

    With another choice the consequence would be that of another name.
    """
    count = number_of_servers()
    return int(_consistent_hash(group_name(topic), count)) if count > 1 else 0


def by_server(topics: Iterable[str]) -> dict[int, list[str]]:
    """Place of a server → those of these topics that it carries."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for topic in topics:
        found[server_of(topic)].append(topic)
    return found


@cache
def layer_connection(place: int) -> redis.Redis:
    """The client of the server at this place. Calls return within a second or raise RedisError."""
    return redis_client.connect(settings.LAYER_REDIS_URLS[place], **settings.REDIS_OPTIONS)
