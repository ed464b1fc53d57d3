"""Who follows a topic, and how batches reach him: each position once."""

from __future__ import annotations

from typing import Protocol

from realtime.hub.send_queue import Mailbox
from realtime.protocol.server_frames import Batch, FrameText, Row


class Reader(Protocol):
    """Whoever follows a topic: a socket's subscription, or the hub's own doorkeeper."""

    def offer(self, batch: Batch, text: FrameText) -> None: ...
    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None: ...
    def fail(self, error: Exception) -> None: ...


class Subscription:
    """One reader of a topic: a mailbox, and the position its frames have reached.

    Until it has begun, batches wait; from then on each position reaches the mailbox exactly once.
    """

    def __init__(self, topic: str = "") -> None:
        self.mailbox = Mailbox(topic)
        self.position: int | None = None
        self._waiting: list[Batch] = []

    def begin(self, position: int, frames: list[FrameText]) -> None:
        """Start at this position with these first frames, then what has come in between."""
        self.mailbox.open_with(frames, position)
        self.position = position
        for batch in self._waiting:
            self.offer(batch, batch.text())
        self._waiting.clear()

    def fail(self, error: Exception) -> None:
        """There is no way on from here for this reader."""
        self.mailbox.fail(error)

    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Take latest-wins rows, once it has begun; the beginning brings the ones before."""
        if self.position is not None:
            self.mailbox.put_latest(items, text)

    def offer(self, batch: Batch, text: FrameText) -> None:
        """Take a batch, cut to what is new here; rows newer than a position says are harmless."""
        if self.position is None:
            self._waiting.append(batch)
        elif batch.last > self.position:
            is_next = batch.first == self.position + 1
            cut = text if is_next else batch.after(self.position).text()
            self.mailbox.put(cut, batch.last)
            self.position = batch.last
