"""One topic as one process sees it: its last position, its recent frames, its snapshot, its
readers.
"""

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
from realtime.hub.replay_buffer import RecentRows
from realtime.hub.subscription import Reader, Subscription
from realtime.log import reader
from realtime.log.topics import prefix_of
from realtime.protocol import server_frames
from realtime.protocol.errors import PositionLost
from realtime.protocol.server_frames import Batch, FrameText, Row

logger = logging.getLogger(__name__)

REACH_BACK_POSITIONS = 2000  # who comes back after one reader was probably away as long as he
RESUMES_KEPT = 64  # positions; each may hold a whole board
FRAME_EVERY_SECONDS = 0.025  # faster than a screen is repainted helps nobody


class TopicFeed:
    """The hub's view of a topic. Everything here runs on the event loop; only rendering leaves
    it.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._meter = topic_metrics(prefix_of(topic))
        self.epoch = ""
        self.last = 0
        self.subscriptions: set[Reader] = set()
        self.latest: dict[str, Row] = {}
        self._latest_text: FrameText | None = None
        self._recent = RecentRows()
        self._resumes: dict[int, FrameText] = {}
        self._held: list[Batch] = []
        self._delivered_at = 0.0
        self._delivery: asyncio.TimerHandle | None = None
        self._snapshot: tuple[str, int, FrameText] | None = None
        self._rendering = asyncio.Lock()
        self._is_behind = False
        self._mending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take up the topic where the database stands."""
        head = await run_in_db_thread(reader.head_of, self.topic)
        self.epoch, self.last = head.epoch, head.position
        self._recent = RecentRows(head.position)

    def receive(self, batch: Batch) -> bool:
        """Deliver a batch from the relay. False when positions are missing before it."""
        if batch.epoch != self.epoch or batch.first > self.last + 1:
            return False
        if batch.last > self.last:
            self._hold(batch if batch.first == self.last + 1 else batch.after(self.last))
        return True

    def _hold(self, batch: Batch) -> None:
        """The first change after a quiet moment goes out at once; what follows it so closely that
        no eye could tell them apart goes out together.
        """
        self.last = batch.last
        self._recent.add(batch)
        self._resumes.clear()
        self._held.append(batch)
        if self._delivery is None:
            loop = asyncio.get_running_loop()
            due = self._delivered_at + FRAME_EVERY_SECONDS
            if loop.time() >= due:
                self._deliver()
            else:
                self._delivery = loop.call_at(due, self._deliver)

    def _deliver(self) -> None:
        batch, held, self._held = Batch.folded(self._held), self._held, []
        self._meter.folded.inc(sum(len(one.changes) for one in held) - len(batch.changes))
        loop = asyncio.get_running_loop()
        self._delivery, self._delivered_at = None, loop.time()
        for key in batch.changes.keys() & self.latest.keys():
            del self.latest[key]  # a durable row says more than the ticks before it
            self._latest_text = None
        text = batch.text()
        for subscription in self.subscriptions:
            subscription.offer(batch, text)
        # Behind the writers, which the offers have woken: their frames are with the server then.
        loop.call_soon(loop.call_soon, _observe_delay, batch.committed_at)

    def mend(self) -> asyncio.Task[None]:
        """Have a gap filled, waited for or not; one that is found meanwhile, afterwards."""
        self._is_behind = True
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._catch_up_while_behind(), context=Context())
        return self._mending

    async def _catch_up_while_behind(self) -> None:
        """Done for all who watch, whoever found the gap."""
        with reporting.isolated_scope(loop="hub"):
            while self._is_behind:
                self._is_behind = False
                try:
                    await self.catch_up()
                except Exception:
                    logger.exception("A gap stays open for now", extra={"action": "gap_not_filled"})

    async def catch_up(self) -> None:
        """Fill a gap from the database: hints may be lost, positions may not."""
        async with self._rendering:
            missed = await run_in_db_thread(reader.changes_after, self.topic, self.last)
            if missed is not None and missed.epoch == self.epoch:
                self._take_in(missed)
                return
            head = await run_in_db_thread(reader.head_of, self.topic)
            # A head that has moved on since we asked is the next look's; the log reaches it.
            if head.epoch != self.epoch or not head.kept_from <= self.last + 1 <= head.position + 1:
                self._begin_anew(head)

    def _take_in(self, missed: Batch) -> None:
        before = self.last
        self.receive(missed)
        self._meter.gaps.inc(self.last - before)

    def _begin_anew(self, head: reader.Head) -> None:
        """The numbers we know are gone; so is what our readers hold."""
        self.epoch, self.last = head.epoch, head.position
        self._recent = RecentRows(head.position)
        self._resumes.clear()
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
        if position is not None and await self._can_resume(epoch, position):
            self._meter.resumed.inc()
            self._begin(subscription, self.last, self._frames_after(position), resumed=True)
            return
        (self._meter.fresh if position is None else self._meter.lost).inc()
        at, text = await self._take_snapshot()
        frames = [text, *self._frames_after(at)]
        self._begin(subscription, max(at, self.last), frames, resumed=False)

    def _begin(
        self, subscription: Subscription, reached: int, frames: list[FrameText], *, resumed: bool
    ) -> None:
        """Welcome the reader with the position to which these frames lead."""
        welcome = server_frames.welcome(
            topic=self.topic, epoch=self.epoch, position=reached, resumed=resumed
        )
        subscription.begin(reached, [welcome, *frames, *self._all_latest()])

    def _all_latest(self) -> list[FrameText]:
        if self.latest and self._latest_text is None:
            self._latest_text = server_frames.latest(self.topic, dict(self.latest))
        return [self._latest_text] if self._latest_text else []

    async def _can_resume(self, epoch: str | None, position: int) -> bool:
        if epoch == self.epoch and position > self.last:
            await self.catch_up()  # the reader comes from a process that was quicker
        if epoch == self.epoch and 0 <= position <= self.last:
            await self._reach_back(position)
            return epoch == self.epoch and self._recent.reaches(position)
        return False

    async def _reach_back(self, position: int) -> None:
        """Have all that changed after a position at hand: once for all who come back together."""
        async with self._rendering:
            if self._recent.reaches(position):
                return
            reach_back = REACH_BACK_POSITIONS
            missed = await run_in_db_thread(
                reader.changes_after, self.topic, position, lookback=reach_back
            )
            if missed is not None and missed.epoch == self.epoch:
                self._take_in(missed)
                self._recent.reach_back(missed)

    def _frames_after(self, position: int) -> list[FrameText]:
        """One folded frame, made once for all who stand at this position; none at the top."""
        if position >= self.last:
            return []
        if position not in self._resumes:
            if len(self._resumes) >= RESUMES_KEPT:
                self._resumes.clear()
            changes, positions = self._recent.after(position)
            now = timezone.now().isoformat()  # an absence is no delay
            batch = Batch(self.topic, self.epoch, position + 1, self.last, changes, positions, now)
            self._resumes[position] = batch.text()
        return [self._resumes[position]]

    async def _take_snapshot(self) -> tuple[int, FrameText]:
        """Position and text; one rendering serves all while we hold the rows changed after it."""
        async with self._rendering:
            if self._snapshot is None or not self._recent.reaches(self._snapshot[1]):
                self._snapshot = await run_in_db_thread(self._render_all)
                self._meter.rendered.inc()
            else:
                self._meter.kept.inc()
            epoch, position, text = self._snapshot
        if epoch != self.epoch or position > self.last:
            await self.catch_up()
        return position, text

    def _render_all(self) -> tuple[str, int, FrameText]:
        """In a thread: encoding a large board would hold up every socket of the process."""
        with self._meter.snapshot_seconds.time():
            snapshot = reader.take_snapshot(self.topic)
            text = snapshot.text()
        self._meter.snapshot_bytes.observe(text.size)
        return snapshot.epoch, snapshot.position, text

    def set_latest(self, items: dict[str, Row | None]) -> None:
        """Latest-wins rows (progress, presence): no position, straight to every reader."""
        self._latest_text = None
        for key, row in items.items():
            if row is None:
                self.latest.pop(key, None)
            else:
                self.latest[key] = row
        frame = server_frames.latest(self.topic, items)
        for subscription in self.subscriptions:
            subscription.offer_latest(items, frame)


def _observe_delay(committed_at: str) -> None:
    delay = timezone.now() - datetime.fromisoformat(committed_at)
    COMMIT_TO_SOCKET_SECONDS.observe(max(delay.total_seconds(), 0))
