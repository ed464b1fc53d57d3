"""Asks workers to send due messages: after the commit, without waiting for a broker that hangs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db import connection

from interview import task_names
from realtime.after_commit import call_after_commit
from realtime.background import dispatch

EXPIRES_SECONDS = 30  # by then the sweep has asked again


def request_delivery(channels: Collection[str], *, delay: timedelta = timedelta()) -> None:
    """After the commit, ask a worker to send on these channels; once per transaction.

    delay: until the worker looks for due messages.
    """
    seconds = delay.total_seconds()
    requested = {
        callback.args
        for callback in (registered[1] for registered in connection.run_on_commit)
        if isinstance(callback, partial) and callback.func is send_wakeup
    }
    for channel in sorted(channels):
        if (channel, seconds) not in requested:
            call_after_commit(send_wakeup, channel, seconds)


def send_wakeup(channel: str, delay_seconds: float = 0) -> bool:
    """Ask a worker to send on this channel. Return False if the broker is unreachable."""
    deliver = partial(current_app.send_task, task_names.DELIVER, args=[channel])
    times = {"countdown": delay_seconds or None, "expires": EXPIRES_SECONDS + delay_seconds}
    return dispatch.publish(partial(deliver, queue="notify", **times))
