"""Asking workers to send: after the commit, and never for longer than a moment."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

BROKER_SECONDS = 1  # for each step of asking; a broker that is gone costs a request two
HINT_SECONDS = 30  # a wake-up nobody took by then is not worth taking: the sweep has come
PUBLISHING = dict.fromkeys(
    ("socket_timeout", "socket_connect_timeout", "read_timeout", "write_timeout"), BROKER_SECONDS
)


def wake(channels: Collection[str]) -> None:
    """After the commit, ask a worker to send on these channels; once for each transaction."""
    asked = {
        channel
        for hint in (registered[1] for registered in connection.run_on_commit)
        if isinstance(hint, partial) and hint.func is ask
        for channel in hint.args
    }
    for channel in sorted(set(channels) - asked):
        transaction.on_commit(partial(ask, channel), robust=True)


def ask(channel: str) -> bool:
    """Ask a worker to send on this channel now; False when there is no broker to ask."""
    try:
        with current_app.connection(
            connect_timeout=BROKER_SECONDS, transport_options=PUBLISHING
        ) as broker:
            current_app.send_task(
                "interview.tasks.deliver",
                args=[channel],
                queue="notify",
                expires=HINT_SECONDS,
                retry=False,
                connection=broker,
            )
    except (OperationalError, OSError):
        logger.warning("No broker to ask; the sweep will", extra={"action": "deliver_not_asked"})
        return False
    return True
