"""Sends due messages. Runs in workers: after a wakeup, and in a sweep that finds lost wakeups."""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from datetime import datetime
from typing import ClassVar

from django.utils import timezone

from interview.models import Delivery
from interview.notifications import channels, outbox, wakeup
from interview.notifications.channels import ExternalChannel

logger = logging.getLogger(__name__)

BATCH_SIZE = 20
WORK_SECONDS = 20  # then the worker serves other tasks, and another wakeup continues


class BatchChannel(ExternalChannel):
    """A channel whose due messages any worker may claim and send in batches.

    marks_each  `send` calls `outbox.mark_tried` before each message. Otherwise a whole batch counts
                as tried when it is claimed, and a worker that dies leaves all of it in doubt.
    """

    marks_each: ClassVar[bool] = False

    @abstractmethod
    def send(self, claimed: list[Delivery], now: datetime) -> None:
        """Send these and report the outcome of each to the outbox: sent, failed or dead."""

    def deliver(self) -> int:
        tried, until = 0, time.monotonic() + WORK_SECONDS
        while batch := self._claim():
            self.send(batch, timezone.now())
            tried += len(batch)
            if time.monotonic() > until:
                wakeup.send_wakeup(self.identifier)
                break
        return tried

    def _claim(self) -> list[Delivery]:
        return outbox.claim(
            timezone.now(),
            channel=self.identifier,
            limit=BATCH_SIZE,
            marks_each=self.marks_each,
        )


def deliver(channel: str) -> int:
    """Send what is due on this channel. Return the number of messages that were taken."""
    return channels.external(channel).deliver()


def sweep() -> None:
    """End expired and lost messages, and ask workers to send the rest.

    The sweep is what sends messages whose due time or retry time has come, and those whose wakeup
    was lost.
    """
    now = timezone.now()
    lost, expired = outbox.give_up_unknown(now), outbox.expire(now)
    if lost or expired:
        counts = {"action": "deliveries_laid_aside", "unknown": lost, "expired": expired}
        logger.warning("Messages were not sent", extra=counts)
    identifiers = [channel.identifier for channel in channels.external_channels()]
    wakeup.request_delivery([one for one in identifiers if outbox.has_due(now, channel=one)])
