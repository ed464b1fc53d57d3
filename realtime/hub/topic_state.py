"""The state of one topic in one process: position, replay buffer, snapshot and subscribers."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from datetime import datetime

from django.utils import timezone

from monitoring.metrics.metrics import COMMIT_TO_SOCKET_SECONDS
from monitoring.metrics.socket_metrics import topic_metrics
from monitoring.sentry import reporting
from realtime.database import run_in_db_thread
from realtime.hub.freshness import PositionWatch
from realtime.hub.replay_buffer import ReplayBuffer
from realtime.hub.subscription import Subscriber, Subscription
from realtime.log import reader
from realtime.log.topics import prefix_of
from realtime.protocol import server_frames
from realtime.protocol.errors import PositionLost
from realtime.protocol.server_frames import Batch, FrameText, Row

logger = logging.getLogger(__name__)

LOOKBACK_POSITIONS = 2000  # after a restart, the next clients were away about as long as the first
MAX_RESUME_FRAMES = 64  # cached; each may hold a whole board
FRAME_INTERVAL_SECONDS = 0.025  # about as often as a screen is repainted


class TopicState:
    """A topic that is followed in this process. Only rendering leaves the event loop.

    polled: the position that the hub last found in the database.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._meter = topic_metrics(prefix_of(topic))
        self.epoch = ""
        self.last = 0
        self.subscriptions: set[Subscriber] = set()
        self.latest: dict[str, Row] = {}
        self._latest_text: FrameText | None = None
        self._stalled_since: datetime | None = None
        self._position_watch = PositionWatch()
        self.polled: int | None = None
        self._replay = ReplayBuffer()
        self._resume_frames: dict[int, FrameText] = {}
        self._undelivered: list[Batch] = []
        self._delivered_at = 0.0
        self._delivery: asyncio.TimerHandle | None = None
        self._snapshot: tuple[str, int, FrameText] | None = None
        self._render_lock = asyncio.Lock()
        self._is_behind = False
        self._catch_up_task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start at the topic's current position in the database."""
        head = await run_in_db_thread(reader.head_of, self.topic)
        self.epoch, self.last = head.epoch, head.position
        self._replay = ReplayBuffer(head.position)

    def receive(self, batch: Batch) -> bool:
        """Take in a batch. Returns False if positions are missing before it."""
        if batch.epoch != self.epoch or batch.first > self.last + 1:
            return False
        if batch.last > self.last:
            self._add(batch if batch.first == self.last + 1 else batch.after(self.last))
        return True

    def _add(self, batch: Batch) -> None:
        """Deliver at once if the last frame is long enough ago, else together with what follows."""
        self.last = batch.last
        self._replay.add(batch)
        self._resume_frames.clear()
        self._undelivered.append(batch)
        if self._delivery is None:
            loop = asyncio.get_running_loop()
            due = self._delivered_at + FRAME_INTERVAL_SECONDS
            if loop.time() >= due:
                self._deliver()
            else:
                self._delivery = loop.call_at(due, self._deliver)

    def _deliver(self) -> None:
        batches, self._undelivered = self._undelivered, []
        batch = Batch.folded(batches)
        self._meter.folded.inc(sum(len(one.changes) for one in batches) - len(batch.changes))
        loop = asyncio.get_running_loop()
        self._delivery, self._delivered_at = None, loop.time()
        for key in batch.changes.keys() & self.latest.keys():
            del self.latest[key]  # the stored row is newer than the progress reported before it
            self._latest_text = None
        text = batch.text()
        for subscription in self.subscriptions:
            subscription.offer(batch, text)
        # Two calls later the writers, which `offer` has woken, have handed the frame to the server.
        loop.call_soon(loop.call_soon, _observe_delay, batch.committed_at)

    def start_catching_up(self) -> asyncio.Task[None]:
        """Fill a gap in the background. The returned task ends when no gap is known any more."""
        self._is_behind = True
        if self._catch_up_task is None or self._catch_up_task.done():
            self._catch_up_task = asyncio.create_task(
                self._catch_up_while_behind(), context=Context()
            )
        return self._catch_up_task

    async def _catch_up_while_behind(self) -> None:
        with reporting.isolated_scope(loop="hub"):
            while self._is_behind:
                self._is_behind = False
                try:
                    await self.catch_up()
                except Exception:
                    logger.exception(
                        "Missed changes could not be read; trying again at the next poll",
                        extra={"action": "gap_not_filled"},
                    )

    async def catch_up(self) -> None:
        """Read the missed changes from the database, or start over if they cannot be read."""
        async with self._render_lock:
            missed = await run_in_db_thread(reader.changes_after, self.topic, self.last)
            if missed is not None and missed.epoch == self.epoch:
                self._receive_missed(missed)
                return
            head = await run_in_db_thread(reader.head_of, self.topic)
            # If the head has only moved on meanwhile, the next poll reads those changes.
            if head.epoch != self.epoch or not head.kept_from <= self.last + 1 <= head.position + 1:
                self._reset(head)

    def _receive_missed(self, missed: Batch) -> None:
        before = self.last
        self.receive(missed)
        self._meter.gaps.inc(self.last - before)

    def _reset(self, head: reader.Head) -> None:
        """Start over at this head, and close all subscriptions, whose positions are lost."""
        self.epoch, self.last = head.epoch, head.position
        self._replay = ReplayBuffer(head.position)
        self._resume_frames.clear()
        self._undelivered.clear()
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        self._snapshot = None
        self._position_watch, self.polled = PositionWatch(), None
        for subscription in self.subscriptions:
            subscription.fail(PositionLost())

    async def follow(
        self, subscription: Subscription, epoch: str | None, position: int | None
    ) -> None:
        """Start a subscription: resume from this position if possible, else send a snapshot."""
        if position is not None and await self._can_resume(epoch, position):
            self._meter.resumed.inc()
            self._start(subscription, self.last, self._frames_after(position), resumed=True)
            return
        (self._meter.fresh if position is None else self._meter.lost).inc()
        at, text = await self._take_snapshot()
        frames = [text, *self._frames_after(at)]
        self._start(subscription, max(at, self.last), frames, resumed=False)

    def _start(
        self, subscription: Subscription, position: int, frames: list[FrameText], *, resumed: bool
    ) -> None:
        """Send `welcome`, then these frames, which lead to this position, then all latest rows.

        `welcome` says that the topic is stalled, so that a client that has missed nothing never
        claims to be live; the frame after it is for pages that were loaded before it did.
        """
        welcome = server_frames.welcome(
            topic=self.topic,
            epoch=self.epoch,
            position=position,
            resumed=resumed,
            stalled_since=self._stalled_since,
        )
        stalled = [self._stalled_frame()] if self._stalled_since else []
        subscription.start(position, [welcome, *stalled, *frames, *self._all_latest()])

    def _all_latest(self) -> list[FrameText]:
        if self.latest and self._latest_text is None:
            self._latest_text = server_frames.latest(self.topic, dict(self.latest))
        return [self._latest_text] if self._latest_text else []

    async def _can_resume(self, epoch: str | None, position: int) -> bool:
        if epoch == self.epoch and position > self.last:
            await self.catch_up()  # the client was connected to a process that was further ahead
        if epoch == self.epoch and 0 <= position <= self.last:
            await self._extend_replay(position)
            return epoch == self.epoch and self._replay.covers(position)
        return False

    async def _extend_replay(self, position: int) -> None:
        """Read older changes into the replay buffer, once for all clients that reconnect."""
        async with self._render_lock:
            if self._replay.covers(position):
                return
            lookback = LOOKBACK_POSITIONS
            missed = await run_in_db_thread(
                reader.changes_after, self.topic, position, lookback=lookback
            )
            if missed is not None and missed.epoch == self.epoch:
                self._receive_missed(missed)
                self._replay.prepend(missed)

    def _frames_after(self, position: int) -> list[FrameText]:
        """A `changes` frame with everything after a position, encoded once for all who need it.

        Empty if there is nothing newer.
        """
        if position >= self.last:
            return []
        if position not in self._resume_frames:
            if len(self._resume_frames) >= MAX_RESUME_FRAMES:
                self._resume_frames.clear()
            changes, positions = self._replay.after(position)
            now = timezone.now().isoformat()  # the client's absence must not count as delay
            batch = Batch(self.topic, self.epoch, position + 1, self.last, changes, positions, now)
            self._resume_frames[position] = batch.text()
        return [self._resume_frames[position]]

    async def _take_snapshot(self) -> tuple[int, FrameText]:
        """Position and text of a snapshot.

        A cached one is used while the replay buffer holds all changes after it.
        """
        async with self._render_lock:
            if self._snapshot is None or not self._replay.covers(self._snapshot[1]):
                self._snapshot = await run_in_db_thread(self._render_all)
                self._meter.rendered.inc()
            else:
                self._meter.kept.inc()
            epoch, position, text = self._snapshot
        if epoch != self.epoch or position > self.last:
            await self.catch_up()
        return position, text

    def _render_all(self) -> tuple[str, int, FrameText]:
        """Runs in a thread, because encoding a large board would block the event loop."""
        with self._meter.snapshot_seconds.time():
            snapshot = reader.take_snapshot(self.topic)
            text = snapshot.text()
        self._meter.snapshot_bytes.observe(text.size)
        return snapshot.epoch, snapshot.position, text

    def set_latest(self, items: dict[str, Row | None]) -> None:
        """Send latest-wins rows (progress, presence) to every subscriber; None removes a row."""
        self._latest_text = None
        for key, row in items.items():
            if row is None:
                self.latest.pop(key, None)
            else:
                self.latest[key] = row
        frame = server_frames.latest(self.topic, items)
        for subscription in self.subscriptions:
            subscription.offer_latest(items, frame)

    def tick(self, relay_silent_since: datetime | None) -> None:
        """One second has passed: tell the subscribers if changes stop arriving, or do again."""
        self._position_watch.tick(self.last, self.polled)
        self.show_stalled(relay_silent_since or self._position_watch.silence.since)

    def show_stalled(self, since: datetime | None) -> None:
        """Tell every subscriber that changes have not arrived since then; None: they do again."""
        if since == self._stalled_since:
            return
        self._stalled_since = since
        items, frame = self._stalled_items(), self._stalled_frame()
        for subscription in self.subscriptions:
            subscription.offer_latest(items, frame)

    def _stalled_frame(self) -> FrameText:
        return server_frames.latest(self.topic, self._stalled_items())

    def _stalled_items(self) -> dict[str, Row | None]:
        return {server_frames.STALLED: server_frames.stalled_row(self._stalled_since)}


def _observe_delay(committed_at: str) -> None:
    delay = timezone.now() - datetime.fromisoformat(committed_at)
    COMMIT_TO_SOCKET_SECONDS.observe(max(delay.total_seconds(), 0))
