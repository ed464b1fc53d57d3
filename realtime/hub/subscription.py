"""A socket's subscription to a topic. It delivers every position exactly once."""

from __future__ import annotations

from typing import Protocol

from realtime.hub.send_queue import SendQueue
from realtime.protocol.server_frames import Batch, FrameText, Row


class Subscriber(Protocol):
    """Gets the frames of a topic: a socket's subscription, or the hub's own access watcher."""

    def offer(self, batch: Batch, text: FrameText) -> None: ...
    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None: ...
    def fail(self, error: Exception) -> None: ...


class Subscription:
    """A send queue, and the position that its frames have reached.

    Batches that arrive before `start` wait until then.
    """

    def __init__(self, topic: str = "") -> None:
        self.queue = SendQueue(topic)
        self.position: int | None = None
        self._waiting: list[Batch] = []

    def start(self, position: int, frames: list[FrameText]) -> None:
        """Send the first frames, which lead to this position, then the batches that waited."""
        self.queue.start(frames, position)
        self.position = position
        for batch in self._waiting:
            self.offer(batch, batch.text())
        self._waiting.clear()

    def fail(self, error: Exception) -> None:
        """End the subscription with this error."""
        self.queue.fail(error)

    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Send latest-wins rows. Ignored before `start`, whose frames include all of them."""
        if self.position is not None:
            self.queue.put_latest(items, text)

    def offer(self, batch: Batch, text: FrameText) -> None:
        """Send a batch, or the part of it that is new here. text: the frame of the whole batch."""
        if self.position is None:
            self._waiting.append(batch)
        elif batch.last > self.position:
            is_next = batch.first == self.position + 1
            new = text if is_next else batch.after(self.position).text()
            self.queue.put(new, batch.last)
            self.position = batch.last
