"""Sending what is due: woken by a commit, and by a sweep for what a lost wake-up left behind."""

from __future__ import annotations

import logging
import time

from django.utils import timezone

from interview.notifications import outbox, wakeup
from interview.notifications.channels import ONE_BY_ONE, SENDERS

logger = logging.getLogger(__name__)

BATCH = 20
WORK_SECONDS = 20  # then other work gets its turn, and the rest is asked for anew


def deliver(channel: str) -> int:
    """Send what is due on this channel; how many messages were tried."""
    tried, until = 0, time.monotonic() + WORK_SECONDS
    while batch := outbox.claim(
        timezone.now(), channel=channel, limit=BATCH, one_by_one=channel in ONE_BY_ONE
    ):
        SENDERS[channel](batch, timezone.now())
        tried += len(batch)
        if time.monotonic() > until:
            wakeup.ask(channel)
            break
    return tried


def sweep() -> None:
    """Lay aside what is too late or lost, and ask for what waits. What else wakes a message: its
    time comes, its pause is over, its wake-up got lost.
    """
    now = timezone.now()
    lost, late = outbox.give_up_unknown(now), outbox.expire(now)
    if lost or late:
        counts = {"action": "deliveries_laid_aside", "unknown": lost, "expired": late}
        logger.warning("Messages were not sent", extra=counts)
    wakeup.wake([channel for channel in SENDERS if outbox.is_waiting(now, channel=channel)])
