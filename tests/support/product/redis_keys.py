"""Names of the product's keys in Redis."""

from __future__ import annotations

from realtime import site_identity


def queue_key(name: str) -> str:
    """Returns the key of a queue of the broker, or another key of Celery such as `unacked`."""
    return f"{site_identity.prefix()}:{name}"
