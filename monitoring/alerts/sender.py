"""Sends alert messages synchronously, in a thread of its own, within a time limit.

Uses no broker, worker or database, because any of them may be what the alert is about. If sending
fails, Alertmanager repeats the request, with the alerts added since.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from monitoring.alerts.message import Message

SEND_TIMEOUT_SECONDS = 15.0  # a request to DingTalk takes at most 10 s; Alertmanager waits longer

Send = Callable[[Message], None]


class NotSent(Exception):
    """The message was not sent. The text is a reason code that is safe to log."""


_channels: list[Send] = []
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alerts")  # one message at a time


def register(send: Send) -> None:
    """Sets the function that sends messages. It must raise NotSent if it fails."""
    _channels[:] = [send]


def send(message: Message) -> None:
    """Sends the message within SEND_TIMEOUT_SECONDS. Raises NotSent."""
    if not _channels:
        raise NotSent("no_way")
    future = _thread.submit(_channels[0], message)
    try:
        future.result(SEND_TIMEOUT_SECONDS)
    except TimeoutError:
        future.cancel()
        raise NotSent("timeout") from None
