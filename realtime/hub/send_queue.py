"""The send queue of one socket: bounded, and filled without waiting.

The server below buffers without limit, so a sent frame counts until the client acknowledges it.
When the window of unacknowledged frames is full, further frames wait in the queue; when the queue
is full too, the socket is closed as a slow reader, and the client reconnects and resumes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from monitoring.metrics.metrics import DROPPED
from realtime.protocol import server_frames
from realtime.protocol.errors import SlowReader
from realtime.protocol.server_frames import FrameText, Row

WINDOW_FRAMES = 1024  # sent but not acknowledged; half a minute of the busiest board
WINDOW_BYTES = 4 * 1024 * 1024
MAX_QUEUED_FRAMES = 512
MAX_QUEUED_BYTES = 2 * 1024 * 1024
LATEST_REPLACED = DROPPED.labels("latest")


@dataclass(frozen=True, slots=True)
class QueuedFrame:
    """A frame, the position that it leads to, and the bytes that it takes of the window."""

    text: FrameText
    position: int
    cost: int


class SendQueue:
    """Frames from the hub to one socket. The hub puts them, and the socket's writer takes them."""

    def __init__(self, topic: str = "") -> None:
        self._topic = topic
        self._waiting: deque[QueuedFrame] = deque()
        self._waiting_bytes = 0
        self._sent: deque[tuple[int, int]] = deque()  # position and cost, not yet acknowledged
        self._sent_bytes = 0
        self._latest: dict[str, Row | None] = {}
        self._position = 0
        self._is_paused = False
        self._ready = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def waiting_frames(self) -> int:
        """The number of queued frames. All waiting latest-wins rows count as one."""
        return len(self._waiting) + bool(self._latest)

    def start(self, texts: list[FrameText], position: int) -> None:
        """Queue the first frames. They cost nothing, because a snapshot may exceed every bound."""
        if self._failure is None:
            self._waiting.extend(QueuedFrame(text, position, 0) for text in texts)
            self._position = position
            self._ready.set()

    def put(self, text: FrameText, position: int) -> None:
        """Queue a frame. If the queue is full, `take` raises SlowReader from now on.

        One frame of any size always fits: when a whole board changes at once, no client is slow.
        """
        if self._failure is not None:
            return
        full = len(self._waiting) >= MAX_QUEUED_FRAMES
        if full or (self._waiting_bytes and self._waiting_bytes + text.size > MAX_QUEUED_BYTES):
            self.fail(SlowReader())
            return
        self._waiting.append(QueuedFrame(text, position, text.size))
        self._waiting_bytes += text.size
        self._position = position
        self._ready.set()

    def put_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Queue latest-wins rows. They replace waiting rows of the same keys.

        text: the frame of these rows, used if nothing else is waiting.
        """
        if self._failure is not None:
            return
        if self._waiting or self._latest or self._is_window_full():
            LATEST_REPLACED.inc(len(self._latest.keys() & items.keys()))
            self._latest |= items
        else:
            self._waiting.append(QueuedFrame(text, self._position, text.size))
            self._waiting_bytes += text.size
        self._ready.set()

    def pause(self) -> None:
        """Stop sending, while the user's access is being checked."""
        self._is_paused = True

    def resume(self) -> None:
        """Continue after `pause`."""
        self._is_paused = False
        self._ready.set()

    def fail(self, failure: Exception) -> None:
        """Drop all queued frames, and make `take` raise this error. The first failure wins."""
        self._failure = self._failure or failure
        self._waiting.clear()
        self._waiting_bytes = 0
        self._latest.clear()
        self._ready.set()

    def acknowledge(self, position: int) -> None:
        """Free the window up to this position, which the client has applied."""
        while self._sent and self._sent[0][0] <= position:
            self._sent_bytes -= self._sent.popleft()[1]
        self._ready.set()

    async def take(self) -> FrameText:
        """Wait for the next frame and for room in the window. Raises the error given to `fail`."""
        while (frame := self._next()) is None:
            if self._failure is not None:
                raise self._failure
            self._ready.clear()
            await self._ready.wait()
        self._sent.append((frame.position, frame.cost))
        self._sent_bytes += frame.cost
        return frame.text

    def _next(self) -> QueuedFrame | None:
        if self._is_paused or self._is_window_full():
            return None
        if self._waiting:
            frame = self._waiting.popleft()
            self._waiting_bytes -= frame.cost
            return frame
        if self._latest:
            items, self._latest = self._latest, {}
            text = server_frames.latest(self._topic, items)
            return QueuedFrame(text, self._position, text.size)
        return None

    def _is_window_full(self) -> bool:
        return len(self._sent) >= WINDOW_FRAMES or self._sent_bytes >= WINDOW_BYTES
