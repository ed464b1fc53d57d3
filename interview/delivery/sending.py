"""Sending what is due: woken by a commit, and by a sweep for what a lost wake-up left behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from functools import partial

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from interview.delivery import queue
from interview.delivery.channels import ONE_BY_ONE, SENDERS

logger = logging.getLogger(__name__)

BATCH = 20
WORK_SECONDS = 20  # then other work gets its turn, and the rest is asked for anew
BROKER_SECONDS = 1.0  # a request waits no longer than this for a broker that is gone
HINT_SECONDS = 30  # a wake-up nobody took by then is not worth taking: the sweep has come
PUBLISHING = dict.fromkeys(
    ("socket_timeout", "socket_connect_timeout", "read_timeout", "write_timeout"), BROKER_SECONDS
)


def wake(channels: Collection[str]) -> None:
    """After the commit, ask a worker to send on these channels; once for each transaction."""
    asked = {
        channel
        for _points, hint, *_rest in connection.run_on_commit
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


def deliver(channel: str) -> int:
    """Send what is due on this channel; how many messages were tried."""
    tried, until = 0, time.monotonic() + WORK_SECONDS
    while batch := queue.claim(
        timezone.now(), channel=channel, limit=BATCH, one_by_one=channel in ONE_BY_ONE
    ):
        SENDERS[channel](batch, timezone.now())
        tried += len(batch)
        if time.monotonic() > until:
            ask(channel)
            break
    return tried


def sweep() -> None:
    """Lay aside what is too late or lost, and ask for what waits. What else wakes a message: its
    time comes, its pause is over, its wake-up got lost.
    """
    now = timezone.now()
    lost, late = queue.give_up_unknown(now), queue.expire(now)
    if lost or late:
        counts = {"action": "deliveries_laid_aside", "unknown": lost, "expired": late}
        logger.warning("Messages were not sent", extra=counts)
    for channel in SENDERS:
        if queue.is_waiting(now, channel=channel):
            ask(channel)
