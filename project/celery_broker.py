"""Connection options for Celery's broker, Redis or RabbitMQ, with short timeouts.

A page that starts background work must not wait long for a broker that is down.
"""

from typing import Any
from urllib.parse import quote

from monitoring import redis_client
from project import embedded
from realtime.site_identity import LazyPrefix

VISIBILITY_SECONDS = 600  # Redis redelivers the unacknowledged tasks of a lost worker after this
ANSWER_SECONDS = 1.0  # a broker in the same network answers within milliseconds

# One retry, because a pooled connection may have gone stale. After that the task run stays queued
# and the recovery sweep sends it.
PUBLISH_RETRIES = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def celery_url(url: str) -> str:
    """Return BROKER_URL or REDIS_URL as Celery writes it, with every Sentinel as an address."""
    if not redis_client.is_sentinel(url):
        return embedded.celery_url(url)
    address = redis_client.parse_sentinel(url)
    password = quote(address.user.get("password", ""), safe="")
    user = f"{quote(address.user.get('username', ''), safe='')}:{password}@" if password else ""
    return ";".join(
        f"sentinel://{user}{host}:{port}/{address.database}" for host, port in address.sentinels
    )


def transport_options(url: str) -> dict[str, Any]:
    """Return the kombu transport options for the broker at BROKER_URL or REDIS_URL."""
    if url.startswith(("amqp", "pyamqp")):
        return _rabbitmq()
    return _redis() | (_sentinel(url) if redis_client.is_sentinel(url) else {})


def _sentinel(url: str) -> dict[str, Any]:
    return {
        "master_name": redis_client.parse_sentinel(url).master,
        "sentinel_kwargs": redis_client.SENTINEL_OPTIONS,
    }


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
