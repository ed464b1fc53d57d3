"""Counting what becomes of notices: once it is committed, and not when it is taken back."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from interview.models import Delivery
from monitoring.metrics.metrics import NOTICES

IN_APP = "in_app"
RESULTS = ("sent", "failed", "dead", "expired", "withdrawn")


def begin() -> None:
    """All begin at nothing, or the first loss would be no increase."""
    for channel in (IN_APP, *Delivery.Channel.values):
        for result in RESULTS:
            NOTICES.labels(channel, result)


def count(channel: str, result: str, number: int = 1) -> None:
    """result: one of RESULTS."""
    if number:
        counter = NOTICES.labels(channel, result)
        transaction.on_commit(partial(counter.inc, number), robust=True)
