"""Frames that wait for one socket: bounded, and filled without ever waiting.

The server below us buffers without limit, so what a socket was sent counts until its client has
acknowledged it. Past the window nothing more is sent; past the bound of what may wait, the reader
is let go, to come back and resume.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from monitoring.metrics.metrics import DROPPED
from realtime.protocol import server_frames
from realtime.protocol.errors import SlowReader
from realtime.protocol.server_frames import FrameText, Row

WINDOW_FRAMES = 1024  # half a minute of the busiest board
WINDOW_BYTES = 4 * 1024 * 1024
WAITING_FRAMES = 512
WAITING_BYTES = 2 * 1024 * 1024
REPLACED = DROPPED.labels("latest")


@dataclass(frozen=True, slots=True)
class Frame:
    """A text on its way, the position that it leads to, and what it costs of the window."""

    text: FrameText
    position: int
    cost: int


class Mailbox:
    """The way from the hub to one socket. The hub puts, the socket's writer takes."""

    def __init__(self, topic: str = "") -> None:
        self._topic = topic
        self._waiting: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._sent: deque[tuple[int, int]] = deque()  # position and size, not acknowledged yet
        self._sent_bytes = 0
        self._latest: dict[str, Row | None] = {}
        self._position = 0
        self._is_held = False
        self._ready = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def waiting_frames(self) -> int:
        """How many frames wait; all that latest wins makes one."""
        return len(self._waiting) + bool(self._latest)

    def open_with(self, texts: list[FrameText], position: int) -> None:
        """The first frames, free of charge: a snapshot is as large as its board."""
        if self._failure is None:
            self._waiting.extend(Frame(text, position, 0) for text in texts)
            self._position = position
            self._ready.set()

    def put(self, text: FrameText, position: int) -> None:
        """Add a frame; a full mailbox lets its reader go instead of growing.

        One frame of any size always fits: a whole board may change at once, without anybody's
        being slow.
        """
        if self._failure is not None:
            return
        full = len(self._waiting) >= WAITING_FRAMES
        if full or (self._waiting_bytes and self._waiting_bytes + text.size > WAITING_BYTES):
            self.fail(SlowReader())
            return
        self._waiting.append(Frame(text, position, text.size))
        self._waiting_bytes += text.size
        self._position = position
        self._ready.set()

    def put_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Add latest-wins rows; what waits of them is replaced, and may be as old as the reader."""
        if self._failure is not None:
            return
        if self._waiting or self._latest or self._is_window_full():
            REPLACED.inc(len(self._latest.keys() & items.keys()))
            self._latest |= items
        else:
            self._waiting.append(Frame(text, self._position, text.size))
            self._waiting_bytes += text.size
        self._ready.set()

    def hold(self) -> None:
        """Send nothing for now: whether the reader may still follow is being asked."""
        self._is_held = True

    def release(self) -> None:
        """Go on where it was held."""
        self._is_held = False
        self._ready.set()

    def fail(self, failure: Exception) -> None:
        """End the reading side with this error, after dropping what waits."""
        self._failure = self._failure or failure
        self._waiting.clear()
        self._waiting_bytes = 0
        self._latest.clear()
        self._ready.set()

    def acknowledge(self, position: int) -> None:
        """The client has applied everything up to this position."""
        while self._sent and self._sent[0][0] <= position:
            self._sent_bytes -= self._sent.popleft()[1]
        self._ready.set()

    async def take(self) -> FrameText:
        """The next frame, once the window has room. Raises what `fail` was given."""
        while (frame := self._next()) is None:
            if self._failure is not None:
                raise self._failure
            self._ready.clear()
            await self._ready.wait()
        self._sent.append((frame.position, frame.cost))
        self._sent_bytes += frame.cost
        return frame.text

    def _next(self) -> Frame | None:
        if self._is_held or self._is_window_full():
            return None
        if self._waiting:
            frame = self._waiting.popleft()
            self._waiting_bytes -= frame.cost
            return frame
        if self._latest:
            items, self._latest = self._latest, {}
            text = server_frames.latest(self._topic, items)
            return Frame(text, self._position, text.size)
        return None

    def _is_window_full(self) -> bool:
        return len(self._sent) >= WINDOW_FRAMES or self._sent_bytes >= WINDOW_BYTES
