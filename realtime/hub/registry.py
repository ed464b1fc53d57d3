"""The open sockets of one process: their limits, and their goodbye when the process stops."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any, ClassVar, Protocol
from weakref import WeakValueDictionary

from django.conf import settings

from realtime.protocol.errors import GoingAway, LimitExceeded, RealtimeError
from realtime.protocol.limits import (
    HANDSHAKE_BURST,
    HANDSHAKES_PER_SECOND,
    MESSAGES_PER_SECOND,
    USER_BURST,
    USER_RATE_IN_SOCKETS,
    ConnectionLimits,
    TokenBucket,
)

GOODBYE_SECONDS = 5.0  # for handing the goodbye frames to the server

Slot = tuple[str, object]
"""A connection counted under one limit: its kind and key, as in ("address", "10.0.0.7")."""


class Socket(Protocol):
    """The part of a consumer that the registry uses."""

    label: ClassVar[str]

    @property
    def waiting_frames(self) -> int: ...

    async def close_with(self, error: RealtimeError, retry_after_ms: int = ...) -> None: ...


class SocketRegistry:
    """Counts the open sockets, and refuses those beyond the limits."""

    def __init__(self) -> None:
        self._slots: dict[Socket, list[Slot]] = {}
        self._limits = ConnectionLimits(
            process=settings.SOCKETS_PER_PROCESS,
            address=settings.SOCKETS_PER_ADDRESS,
            person=settings.SOCKETS_PER_PERSON,
        )
        self._handshakes = TokenBucket(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)
        self._user_buckets: WeakValueDictionary[int, TokenBucket] = WeakValueDictionary()
        self._is_draining = False

    def __len__(self) -> int:
        return len(self._slots)

    def register(self, socket: Socket, address: str) -> None:
        """Count a socket for the process and for its client's address.

        Raises LimitExceeded past a limit, and GoingAway while the process stops.
        """
        if self._is_draining:
            raise GoingAway
        if not self._handshakes.take():
            raise LimitExceeded
        self._slots[socket] = []
        self._acquire(socket, ("process", None))
        self._acquire(socket, ("address", address))

    def assign_user(self, socket: Socket, user_id: int) -> TokenBucket:
        """Count a registered socket for a user. Returns the bucket that the user's sockets share.

        Raises LimitExceeded if the user has too many sockets.
        """
        self._acquire(socket, ("person", user_id))
        new = TokenBucket(MESSAGES_PER_SECOND * USER_RATE_IN_SOCKETS, USER_BURST)
        return self._user_buckets.setdefault(user_id, new)

    def _acquire(self, socket: Socket, slot: Slot) -> None:
        if not self._limits.acquire(*slot):
            raise LimitExceeded
        self._slots[socket].append(slot)

    def unregister(self, socket: Socket) -> None:
        """Stop counting a socket. Does nothing if it was never registered."""
        for slot in self._slots.pop(socket, []):
            self._limits.release(*slot)

    def waiting_frames(self, consumer: str) -> list[int]:
        """The number of queued frames of each socket of a consumer. Safe from any thread."""
        return [one.waiting_frames for one in list(self._slots) if one.label == consumer]

    async def drain(self, within_seconds: float) -> None:
        """Close every socket, and refuse new ones.

        The clients are told to reconnect at random moments within the given time, so that they do
        not all reach another process at once.
        """
        self._is_draining = True
        closing: list[Any] = [
            socket.close_with(GoingAway(), round(random.uniform(0, within_seconds) * 1000))
            for socket in list(self._slots)
        ]
        with suppress(TimeoutError):  # a client that reads nothing cannot get a goodbye
            async with asyncio.timeout(GOODBYE_SECONDS):
                await asyncio.gather(*closing, return_exceptions=True)
