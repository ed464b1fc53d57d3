"""Counts the outcome of notices per channel, after the commit."""

from __future__ import annotations

from interview.notifications import channels
from monitoring.metrics.metrics import NOTICES
from realtime.after_commit import call_after_commit

RESULTS = ("sent", "failed", "dead", "expired", "withdrawn")


def init_labels() -> None:
    """Export every series at zero: `increase()` cannot see a series that starts at one."""
    for channel in channels.all_channels():
        for result in RESULTS:
            NOTICES.labels(channel.identifier, result)


def count(channel: str, result: str, number: int = 1) -> None:
    """Count after the commit of the current transaction. result: one of RESULTS."""
    if number:
        counter = NOTICES.labels(channel, result)
        call_after_commit(counter.inc, number)
