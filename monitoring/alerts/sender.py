"""Tells a message at once, in a thread of its own: the answer to Alertmanager is the receipt.

Nothing of ours stands between that might be the very thing that is broken: no broker, no worker,
no database. What could not be told Alertmanager tells again, with whatever has been added since.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitoring.alerts.message import Message

SEND_TIMEOUT_SECONDS = 15.0  # one request to DingTalk takes ten at most; Alertmanager waits longer

Send = Callable[[Message], None]


class NotSent(Exception):
    """It was not told; the message says why, in a word that a log may keep."""


_ways: list[Send] = []
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alerts")  # one after the other


def register(send: Send) -> None:
    """Make this the way to people. It raises NotSent when they were not reached."""
    _ways[:] = [send]


def send(message: Message) -> None:
    """Tell it within some seconds. Raises NotSent."""
    if not _ways:
        raise NotSent("no_way")
    telling = _thread.submit(_ways[0], message)
    try:
        telling.result(SEND_TIMEOUT_SECONDS)
    except TimeoutError:
        telling.cancel()
        raise NotSent("timeout") from None
