"""Asks workers to send due messages: after the commit, without waiting for a broker that hangs."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from celery import current_app
from django.db import connection

from interview import task_names
from realtime.after_commit import call_after_commit
from realtime.background import dispatch

EXPIRES_SECONDS = 30  # by then the sweep has asked again


def request_delivery(channels: Collection[str]) -> None:
    """After the commit, ask a worker to send on these channels; once per transaction."""
    requested = {
        channel
        for callback in (registered[1] for registered in connection.run_on_commit)
        if isinstance(callback, partial) and callback.func is send_wakeup
        for channel in callback.args
    }
    for channel in sorted(set(channels) - requested):
        call_after_commit(send_wakeup, channel)


def send_wakeup(channel: str) -> bool:
    """Ask a worker to send on this channel now. Return False if the broker is unreachable."""
    deliver = partial(current_app.send_task, task_names.DELIVER, args=[channel])
    return dispatch.publish(partial(deliver, queue="notify", expires=EXPIRES_SECONDS))
