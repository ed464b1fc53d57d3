"""One topic as one process sees it: its last position, its recent frames, its snapshot, its
readers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import Protocol

from realtime import feed, protocol
from realtime.database import in_database
from realtime.errors import PositionLost
from realtime.mailbox import Mailbox
from realtime.protocol import Batch
from realtime.topics import Row

RING_BATCHES = 256
FRAME_EVERY_SECONDS = 0.025  # faster than a screen is repainted helps nobody


class Reader(Protocol):
    """Whoever follows a topic: a socket's subscription, or the hub's own doorkeeper."""

    def offer(self, batch: Batch, text: str) -> None: ...
    def offer_latest(self, items: dict[str, Row | None], text: str) -> None: ...
    def fail(self, error: Exception) -> None: ...


class Subscription:
    """One reader of a topic: a mailbox, and the position its frames have reached.

    Until it has begun, batches wait; from then on each position reaches the mailbox exactly once.
    """

    def __init__(self, topic: str = "") -> None:
        self.mailbox = Mailbox(topic)
        self.position: int | None = None
        self._waiting: list[Batch] = []

    def begin(self, position: int, frames: list[str]) -> None:
        """Start at this position with these first frames, then what has come in between."""
        self.mailbox.open_with(frames, position)
        self.position = position
        for batch in self._waiting:
            self.offer(batch, batch.text())
        self._waiting.clear()

    def fail(self, error: Exception) -> None:
        """There is no way on from here for this reader."""
        self.mailbox.fail(error)

    def offer_latest(self, items: dict[str, Row | None], text: str) -> None:
        """Take latest-wins rows, once it has begun; the beginning brings the ones before."""
        if self.position is not None:
            self.mailbox.put_latest(items, text)

    def offer(self, batch: Batch, text: str) -> None:
        """Take a batch, cut to what is new here; rows newer than a position says are harmless."""
        if self.position is None:
            self._waiting.append(batch)
        elif batch.last > self.position:
            is_next = batch.first == self.position + 1
            cut = text if is_next else replace(batch, first=self.position + 1).text()
            self.mailbox.put(cut, batch.last)
            self.position = batch.last


class TopicFeed:
    """The hub's view of a topic. Everything here runs on the event loop; only rendering leaves
    it.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.epoch = ""
        self.last = 0
        self.subscriptions: set[Reader] = set()
        self.latest: dict[str, Row] = {}
        self._ring: deque[Batch] = deque(maxlen=RING_BATCHES)
        self._held: list[Batch] = []
        self._delivered_at = 0.0
        self._delivery: asyncio.TimerHandle | None = None
        self._snapshot: tuple[int, str] | None = None
        self._rendering = asyncio.Lock()

    async def open(self) -> None:
        """Take up the topic where the database stands."""
        head = await in_database(feed.head_of, self.topic)
        self.epoch, self.last = head.epoch, head.position

    def receive(self, batch: Batch) -> bool:
        """Deliver a batch from the relay. False when positions are missing before it."""
        if batch.epoch != self.epoch or batch.first > self.last + 1:
            return False
        if batch.last > self.last:
            self._hold(replace(batch, first=self.last + 1))
        return True

    def _hold(self, batch: Batch) -> None:
        """The first change after a quiet moment goes out at once; what follows it so closely that
        no eye could tell them apart goes out together.
        """
        self.last = batch.last
        self._ring.append(batch)
        self._held.append(batch)
        if self._delivery is None:
            loop = asyncio.get_running_loop()
            due = self._delivered_at + FRAME_EVERY_SECONDS
            if loop.time() >= due:
                self._deliver()
            else:
                self._delivery = loop.call_at(due, self._deliver)

    def _deliver(self) -> None:
        batch, self._held = Batch.folded(self._held), []
        self._delivery, self._delivered_at = None, asyncio.get_running_loop().time()
        for key in batch.changes:
            self.latest.pop(key, None)  # a durable row says more than the ticks before it
        text = batch.text()
        for subscription in self.subscriptions:
            subscription.offer(batch, text)

    async def catch_up(self) -> None:
        """Fill a gap from the database: hints may be lost, positions may not."""
        async with self._rendering:
            missed = await in_database(feed.changes_after, self.topic, self.last)
            if missed is not None and missed.epoch == self.epoch:
                self.receive(missed)
                return
            head = await in_database(feed.head_of, self.topic)
            if (head.epoch, head.position) != (self.epoch, self.last):
                self._begin_anew(head)

    def _begin_anew(self, head: feed.Head) -> None:
        """The numbers we know are gone; so is what our readers hold."""
        self.epoch, self.last = head.epoch, head.position
        self._ring.clear()
        self._held.clear()
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        self._snapshot = None
        for subscription in self.subscriptions:
            subscription.fail(PositionLost())

    async def follow(
        self, subscription: Subscription, epoch: str | None, position: int | None
    ) -> None:
        """Bring a reader up to date: by what he missed if he can resume, by a snapshot if not."""
        missed = None
        if epoch == self.epoch and position is not None:
            missed = await self._missed_since(position)
        if missed is not None:
            frames, reached = missed
            self._begin(subscription, reached, frames, resumed=True)
            return
        position, text = await self._take_snapshot()
        frames = [text, *self._ring_after(position)]
        self._begin(subscription, self.last, frames, resumed=False)

    def _begin(
        self, subscription: Subscription, reached: int, frames: list[str], *, resumed: bool
    ) -> None:
        """Welcome the reader with the position to which these frames lead."""
        welcome = protocol.welcome(
            topic=self.topic, epoch=self.epoch, position=reached, resumed=resumed
        )
        rest = [protocol.latest(self.topic, dict(self.latest))] if self.latest else []
        subscription.begin(reached, [welcome, *frames, *rest])

    async def _missed_since(self, position: int) -> tuple[list[str], int] | None:
        """Frames after a position and the position they lead to; None if nobody keeps them."""
        if position > self.last:  # the reader comes from a process that was quicker
            await self.catch_up()
        if not 0 <= position <= self.last:
            return None
        if position == self.last or self._ring_reaches(position):
            return self._ring_after(position), self.last
        batch = await in_database(feed.changes_after, self.topic, position)
        if batch is None or batch.epoch != self.epoch:
            return None
        return [batch.text()], batch.last

    def _ring_reaches(self, position: int) -> bool:
        return bool(self._ring) and self._ring[0].first <= position + 1

    def _ring_after(self, position: int) -> list[str]:
        frames = []
        for batch in self._ring:
            if batch.last > position:
                frames.append(replace(batch, first=max(batch.first, position + 1)).text())
        return frames

    async def _take_snapshot(self) -> tuple[int, str]:
        """Position and text; one rendering serves all while the ring holds what came after it."""
        async with self._rendering:
            held = self._snapshot
            if held is None or not (held[0] == self.last or self._ring_reaches(held[0])):
                fresh = await in_database(feed.take_snapshot, self.topic)
                held = self._snapshot = fresh.position, fresh.text()
        if held[0] > self.last:
            await self.catch_up()
        return held

    def set_latest(self, items: dict[str, Row | None]) -> None:
        """Latest-wins rows (progress, presence): no position, straight to every reader."""
        for key, row in items.items():
            if row is None:
                self.latest.pop(key, None)
            else:
                self.latest[key] = row
        frame = protocol.latest(self.topic, items)
        for subscription in self.subscriptions:
            subscription.offer_latest(items, frame)
