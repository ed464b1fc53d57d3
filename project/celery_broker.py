"""How Celery talks to its broker, Redis or RabbitMQ: nothing a page does may wait for long."""

from typing import Any

VISIBILITY_SECONDS = 600  # what a lost worker held goes to another one after so long
ANSWER_SECONDS = 1.0  # a broker in the same house answers in milliseconds

# A page that starts work tries once more, as a kept connection may have gone stale since its last
# use; after that the run stays queued and the sweep sends it.
PUBLISH_RETRIES = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def transport_options(url: str) -> dict[str, Any]:
    """What kombu is told about the broker at this address."""
    return _rabbitmq() if url.startswith(("amqp", "pyamqp")) else _redis()


def _redis() -> dict[str, Any]:
    return {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_throttle": 1,
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "socket_keepalive": True,
    }


def _rabbitmq() -> dict[str, Any]:
    return {
        "confirm_publish": True,  # or a message lost on the way would seem to have been sent
        "connect_timeout": ANSWER_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
    }
