"""Counting what becomes of notices: once it is committed, and not when it is taken back."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from monitoring.metrics import NOTICES

IN_APP = "in_app"


def count(channel: str, result: str, number: int = 1) -> None:
    """result: sent, failed, dead, expired or withdrawn."""
    if number:
        counter = NOTICES.labels(channel, result)
        transaction.on_commit(partial(counter.inc, number), robust=True)
