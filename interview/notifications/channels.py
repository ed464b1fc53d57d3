"""The ways out of the house. A sender gets claimed messages and the time, and tells the queue what
became of each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from interview.models import Delivery
from interview.notifications.email import sender

Sender = Callable[[list[Delivery], datetime], None]

SENDERS: dict[str, Sender] = {Delivery.Channel.EMAIL.value: sender.send}
ONE_BY_ONE = frozenset({Delivery.Channel.EMAIL.value})
"""Channels whose sender calls `queue.begin` before each message."""
