"""The sockets of one process: counted in and out, and sent home when it stops."""

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

PART_SECONDS = 5.0  # for a goodbye to be handed to the server

Place = tuple[str, object]


class Socket(Protocol):
    """What a consumer lets us do with it."""

    label: ClassVar[str]

    @property
    def waiting_frames(self) -> int: ...

    async def part(self, why: RealtimeError, retry_after_ms: int = ...) -> None: ...


class Sockets:
    """Who is connected to this process, within the caps."""

    def __init__(self) -> None:
        self._places: dict[Socket, list[Place]] = {}
        self._limits = ConnectionLimits(
            process=settings.SOCKETS_PER_PROCESS,
            address=settings.SOCKETS_PER_ADDRESS,
            person=settings.SOCKETS_PER_PERSON,
        )
        self._handshakes = TokenBucket(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)
        self._personal: WeakValueDictionary[int, TokenBucket] = WeakValueDictionary()
        self._is_draining = False

    def __len__(self) -> int:
        return len(self._places)

    def admit(self, socket: Socket, address: str) -> None:
        """Count a socket in. Raises LimitExceeded past a cap, GoingAway while the process stops."""
        if self._is_draining:
            raise GoingAway
        if not self._handshakes.take():
            raise LimitExceeded
        self._places[socket] = []
        self._enter(socket, ("process", None))
        self._enter(socket, ("address", address))

    def claim(self, socket: Socket, user_id: int) -> TokenBucket:
        """Count it for this person; answers the bucket of messages that all his sockets share.

        Raises LimitExceeded when he has too many.
        """
        self._enter(socket, ("person", user_id))
        fresh = TokenBucket(MESSAGES_PER_SECOND * USER_RATE_IN_SOCKETS, USER_BURST)
        return self._personal.setdefault(user_id, fresh)

    def _enter(self, socket: Socket, place: Place) -> None:
        if not self._limits.acquire(*place):
            raise LimitExceeded
        self._places[socket].append(place)

    def discharge(self, socket: Socket) -> None:
        """Count it out; harmless for one that was never counted in."""
        for place in self._places.pop(socket, []):
            self._limits.release(*place)

    def waiting_frames(self, consumer: str) -> list[int]:
        """How many frames wait for each socket of a consumer; any thread may ask."""
        return [one.waiting_frames for one in list(self._places) if one.label == consumer]

    async def drain(self, within_seconds: float) -> None:
        """Say goodbye to every socket, and send them back at moments spread over that time."""
        self._is_draining = True
        partings: list[Any] = [
            socket.part(GoingAway(), round(random.uniform(0, within_seconds) * 1000))
            for socket in list(self._places)
        ]
        with suppress(TimeoutError):  # one that takes nothing more cannot be told
            async with asyncio.timeout(PART_SECONDS):
                await asyncio.gather(*partings, return_exceptions=True)
