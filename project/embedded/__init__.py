"""The servers that come along: a real PostgreSQL and a real Valkey, for a machine that has neither.

Addresses are functions of the data directory alone, so every command finds the same two servers.
"""

from project.embedded.locations import EmbeddedError, celery_url, database_url, redis_url

__all__ = ["EmbeddedError", "celery_url", "database_url", "redis_url"]
