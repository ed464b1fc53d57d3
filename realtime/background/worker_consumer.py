"""The loop of a worker's main process. Celery loads it by name (CELERY_WORKER_CONSUMER)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery.worker import consumer
from celery.worker.control import inspect_command
from kombu import Connection

from monitoring.health import heartbeat_file


class Consumer(consumer.Consumer):
    """Touches the heartbeat file also while the broker is away.

    Celery's heartbeats need the broker. Without it the worker is alive, tries to connect and
    finishes the tasks that it has begun, so it must not be restarted.
    """

    def ensure_connected(self, conn: Connection) -> Any:
        retry: Callable[..., Any] = conn.ensure_connection

        def retry_and_touch(*args: Any, callback: Callable[[], None], **kwargs: Any) -> Any:
            return retry(*args, callback=_both(callback), **kwargs)

        setattr(conn, "ensure_connection", retry_and_touch)  # noqa: B010  no other hook
        heartbeat_file.touch()
        return super().ensure_connected(conn)


@inspect_command()
def conf(state: Any, **kwargs: Any) -> dict[str, str]:
    """Answer the command of this name, which Flower sends. Replaces Celery's own answer.

    That one has every setting, addresses with their passwords included, and fails on some.
    """
    return {}


def _both(callback: Callable[[], None]) -> Callable[[], None]:
    """Return a function that kombu calls every second of a pause between two attempts."""

    def call() -> None:
        heartbeat_file.touch()
        callback()

    return call
