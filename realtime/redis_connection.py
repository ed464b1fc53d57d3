"""The Redis client of this process for calls from synchronous code.

Async code uses the channel layer; caches of values use `versioned_cache`.
"""

from __future__ import annotations

from functools import cache

import redis
from django.conf import settings

from monitoring import redis_client


@cache
def redis_connection() -> redis.Redis:
    """The shared client. Calls return within a second or raise RedisError."""
    return redis_client.connect(settings.REDIS_URL, **settings.REDIS_OPTIONS)
