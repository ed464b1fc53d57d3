"""Django's Redis cache on the master that Sentinels name (REDIS_URL=sentinel://…)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from monitoring import redis_client


class SentinelCacheClient(RedisCacheClient):
    """Sends everything to the master: a replica may not have a value yet that was just stored."""

    _servers: list[str]
    _pool_options: dict[str, Any]

    @cached_property
    def _master(self) -> redis.Redis:
        options = {name: value for name, value in self._pool_options.items() if value is not None}
        options.pop("parser_class", None)
        return redis_client.connect(self._servers[0], **options)

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        return self._master


class SentinelCache(RedisCache):
    """LOCATION: a list with one address."""

    def __init__(self, server: list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SentinelCacheClient
