"""Asking workers to send: after the commit, and never for longer than a moment."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from celery import current_app
from django.db import connection, transaction

from interview import task_names
from realtime.background import dispatch

HINT_SECONDS = 30  # a wake-up nobody took by then is not worth taking: the sweep has come


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
    deliver = partial(current_app.send_task, task_names.DELIVER, args=[channel])
    return dispatch.publish(partial(deliver, queue="notify", expires=HINT_SECONDS))
