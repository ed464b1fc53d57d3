"""The observers of a random history: two web processes that lose hints, and pages that are cut off.

A process treats a hint as the hub does; the topic's state (replay buffer, log, snapshot, merging)
and the socket's send queue are the real ones.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from realtime.database import run_in_db_thread
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicState
from realtime.log import reader
from realtime.protocol.errors import PositionLost
from realtime.protocol.server_frames import Batch
from tests.support.clients.board import Board

ANSWER_SECONDS = 60.0


class Process:
    """One web process: the state it has of each topic."""

    def __init__(self, topics: list[str]) -> None:
        self.topics = {topic: TopicState(topic) for topic in topics}

    async def open(self) -> None:
        for topic_state in self.topics.values():
            await topic_state.open()

    async def receive_hint(self, batch: Batch) -> None:
        """Handles a hint from the relay."""
        topic_state = self.topics.get(batch.topic)
        if topic_state is not None and not topic_state.receive(batch):
            await topic_state.catch_up()

    async def poll(self) -> None:
        """Compares the heads with the database, as happens every second."""
        heads = await run_in_db_thread(reader.heads_of, list(self.topics))
        for topic, head in heads.items():
            topic_state = self.topics[topic]
            if (head.epoch, head.position) != (topic_state.epoch, topic_state.last):
                await topic_state.catch_up()


class Page:
    """One browser that shows a topic, whatever happens to its socket."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.board = Board()
        self.frames: list[str] = []  # everything it has received, for other clients to apply
        self.resumed = 0
        self._process: Process | None = None
        self._subscription = Subscription(topic)

    @property
    def is_connected(self) -> bool:
        return self._process is not None

    async def connect(self, process: Process, epoch: str | None = None) -> None:
        """Connects, and resumes at its position; in another epoch if one is given."""
        topic_state = process.topics[self.topic]
        self._process, self._subscription = process, Subscription(self.topic)
        topic_state.subscriptions.add(self._subscription)
        await topic_state.follow(self._subscription, epoch or self.board.epoch, self.board.position)
        await self.read()

    def cut(self) -> None:
        """Closes the socket; frames on their way are lost."""
        if self._process is not None:
            self._process.topics[self.topic].subscriptions.discard(self._subscription)
        self._process = None

    async def read(self, *, again: bool = False) -> None:
        """Applies all that its process knows; each frame twice if `again`."""
        if self._process is None:
            return
        topic_state = self._process.topics[self.topic]
        try:
            while not self._has_reached(topic_state):
                async with asyncio.timeout(ANSWER_SECONDS):
                    text = await self._subscription.queue.take()
                for _ in range(1 + again):
                    self.take(text)
        except PositionLost:
            process = self._process
            self.cut()
            await self.connect(process)

    def _has_reached(self, topic_state: TopicState) -> bool:
        """True if the page is as far as its process, or ahead: a resume reads the log itself."""
        board = self.board
        is_new = board.position is None or board.epoch != topic_state.epoch
        return not is_new and (board.position or 0) >= topic_state.last

    def take(self, text: str) -> None:
        """Applies a frame. Its positions must continue those before, without a gap."""
        frame = json.loads(text)
        if frame["type"] == "welcome":
            self.resumed += frame["resumed"]
        if frame["type"] == "changes" and not self._is_old(frame):
            assert frame["from"] == (self.board.position or 0) + 1, "a gap, or a position twice"
        self.frames.append(text)
        self.board = self.board.apply(text)
        assert not self.board.stale
        self._subscription.queue.acknowledge(self.board.position or 0)

    def repeat_old_frames(self) -> None:
        """Applies earlier frames of this epoch again, which must change nothing."""
        for text in self.frames[-3:]:
            frame = json.loads(text)
            if frame.get("epoch") == self.board.epoch and self._is_old(frame):
                self.take(text)

    def _is_old(self, frame: dict[str, Any]) -> bool:
        return frame["type"] == "changes" and frame["to"] <= (self.board.position or 0)
