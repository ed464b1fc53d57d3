"""Connection options for Celery's broker, Redis or RabbitMQ, with short timeouts.

A page that starts background work must not wait long for a broker that is down.
"""

from typing import Any

from realtime.site_identity import LazyPrefix

VISIBILITY_SECONDS = 600  # Redis redelivers the unacknowledged tasks of a lost worker after this
ANSWER_SECONDS = 1.0  # a broker in the same network answers within milliseconds

# One retry, because a pooled connection may have gone stale. After that the task run stays queued
# and the recovery sweep sends it.
PUBLISH_RETRIES = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def transport_options(url: str) -> dict[str, Any]:
    """Return the kombu transport options for the broker at this URL."""
    return _rabbitmq() if url.startswith(("amqp", "pyamqp")) else _redis()


def _redis() -> dict[str, Any]:
    return {
        "global_keyprefix": LazyPrefix(),  # of all queues and channels
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_throttle": 1,
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "socket_keepalive": True,
    }


def _rabbitmq() -> dict[str, Any]:
    return {
        "confirm_publish": True,  # otherwise a lost message would count as sent
        "connect_timeout": ANSWER_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
    }
