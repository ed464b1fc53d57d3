"""WebSocket close codes, and how the client reacts to each."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the server closed a socket.

    The client reconnects after a code below 4500, except 4400, and stays away from 4500 on. The
    number is also the `code` label of the close metric.
    """

    GOING_AWAY = 4001  # reconnect after retry_after_ms
    SLOW_READER = 4008  # reconnect and resume
    POSITION_LOST = 4010  # reconnect and take a snapshot
    LIMIT_EXCEEDED = 4029  # reconnect later
    BROKEN_PROTOCOL = 4400  # stop and report the error
    SIGNED_OUT = 4501  # stop and ask the user to sign in
    NOT_ALLOWED = 4503  # stop


WEBSOCKET_CLOSE_CODES = (1000, 1001, 1005, 1006, 1009, 1011, 1012)
"""The standard codes (RFC 6455) that occur in practice; the metrics have a series for each."""
