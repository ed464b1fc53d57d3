"""Sends alert messages synchronously, in a thread of its own, within a time limit.

Uses no broker, worker or database, because any of them may be what the alert is about. If sending
fails, Alertmanager repeats the request, with the alerts added since.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.utils import translation

from monitoring.alerts.destinations import DESTINATIONS, Destination, NotSent
from monitoring.alerts.message import Message, render_message
from monitoring.alerts.payload import Group

SEND_TIMEOUT_SECONDS = 15.0  # a request to DingTalk takes at most 10 s; Alertmanager waits longer

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alerts")  # one message at a time


def send(name: str, group: Group) -> None:
    """Sends a group of alerts to a destination within SEND_TIMEOUT_SECONDS. Raises NotSent."""
    with translation.override(settings.ALERT_LANGUAGE):
        message = render_message(group)
    future = _thread.submit(_send, DESTINATIONS[name], message)
    try:
        future.result(SEND_TIMEOUT_SECONDS)
    except TimeoutError:
        future.cancel()
        raise NotSent("timeout", "no response in time") from None


def _send(destination: Destination, message: Message) -> None:
    """Reasons are in English, as logs and commands are."""
    with translation.override("en"):
        destination.send(message)
