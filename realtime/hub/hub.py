"""The hub of a web process: follows each watched topic once, and serves all sockets from that.

Messages from the relay make it fast. Comparing positions with the database every second makes it
correct when messages are lost.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from contextvars import Context
from typing import Any
from uuid import uuid4

from monitoring.metrics.event_loop import watch_lag
from realtime.async_tasks import RETRY_SECONDS, cancel_all, run_forever
from realtime.database import run_in_db_thread
from realtime.hub import revocation
from realtime.hub.admission_batch import AdmissionBatcher
from realtime.hub.freshness import TICK_SECONDS, RelayWatch
from realtime.hub.presence import Presence, changed_rows
from realtime.hub.registry import SocketRegistry
from realtime.hub.revocation import AccessWatcher
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicState
from realtime.log import reader
from realtime.log.relay_activity import RelayActivity, read_activity
from realtime.protocol.server_frames import Batch, Row
from realtime.pubsub import BestEffortPublisher, GuardedLayer

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
ACCESS_RECHECK_SECONDS = 45.0  # a session that ends without a signal: its sockets within a minute
CHANNEL_SECONDS = 5.0  # for getting a channel; polling goes on without one

_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop, started on first use."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
    return hub


def all_hubs() -> list[Hub]:
    """All hubs of this process, one per event loop. Safe from any thread."""
    return list(_hubs.values())


class Hub:
    """The topics, sockets and viewers of one event loop."""

    def __init__(self) -> None:
        self.process = uuid4().hex
        self._layer = GuardedLayer()
        self._publisher = BestEffortPublisher(self._layer)
        self._channel = ""
        self._joined: set[str] = set()
        self._topics: dict[str, TopicState] = {}
        self._opening: weakref.WeakValueDictionary[str, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.presence = Presence(self.process, self.announce, self._show_presence)
        self.access_watcher = AccessWatcher()
        self.admission = AdmissionBatcher(self.access_watcher)
        self.sockets = SocketRegistry()
        self._relay_watch = RelayWatch()

    @property
    def topics(self) -> set[str]:
        """The topics that this process follows."""
        return set(self._topics)

    async def subscribe(
        self, topic: str, *, epoch: str | None = None, position: int | None = None
    ) -> Subscription:
        """Follow a topic from a position, or from a snapshot.

        The subscription is added before the snapshot is taken, so that no change is missed.
        """
        topic_state = await self._topic_state(topic)
        subscription = Subscription(topic)
        topic_state.subscriptions.add(subscription)
        try:
            await topic_state.follow(subscription, epoch, position)
        except BaseException:
            await self.unsubscribe(topic, subscription)
            raise
        return subscription

    async def unsubscribe(self, topic: str, subscription: Subscription) -> None:
        """End a subscription. The last one's end also ends the following of the topic."""
        topic_state = self._topics.get(topic)
        if topic_state is None:
            return
        topic_state.subscriptions.discard(subscription)
        if not topic_state.subscriptions:
            del self._topics[topic]
            self._joined.discard(topic)
            await self._layer.leave(topic, self._channel)

    async def _topic_state(self, topic: str) -> TopicState:
        lock = self._opening.setdefault(topic, asyncio.Lock())
        async with lock:
            if topic not in self._topics:
                await self._start()
                await self._open(topic)
            return self._topics[topic]

    async def _open(self, topic: str) -> None:
        """Join the topic's group before reading its position, so that no change falls between."""
        await self._join(topic)
        topic_state = TopicState(topic)
        await topic_state.open()
        topic_state.show_stalled(self._relay_watch.silence.since)
        self._topics[topic] = topic_state
        await self._join(topic)  # does nothing if it has joined; the channel may be new by now

    async def _join(self, topic: str) -> None:
        if not self._channel or topic in self._joined:
            return
        if await self._layer.join(topic, self._channel):
            self._joined.add(topic)

    async def announce(self, topic: str, message: dict[str, Any]) -> None:
        """Send a message to all hubs that follow this topic. It may get lost."""
        self._publisher.publish(topic, message)

    def _show_presence(self, topic: str, rows: dict[str, Row]) -> None:
        topic_state = self._topics.get(topic)
        if topic_state is not None and (changed := changed_rows(topic_state.latest, rows)):
            topic_state.set_latest(changed)

    async def _start(self) -> None:
        if self._tasks:
            return
        loops = (
            self._listen,
            self._join_all,
            *self._publisher.loops,
            self._poll,
            self._watch_freshness,
            self._recheck_access,
            self.presence.run,
            watch_lag,
        )
        # Empty contexts: the log lines must not carry the id of the socket that came first.
        self._tasks = [
            asyncio.create_task(run_forever(loop, process="hub"), context=Context())
            for loop in loops
        ]
        access = await self._topic_state(revocation.TOPIC)
        access.subscriptions.add(self.access_watcher)
        self.access_watcher.recheck_all()  # rights may have changed before it followed the topic

    async def close(self) -> None:
        """Cancel the hub's background tasks."""
        tasks, self._tasks = self._tasks, []
        await cancel_all(tasks)

    async def _listen(self) -> None:
        """Receive messages over a channel of the layer. Without one, polling goes on."""
        await self._layer.reset()
        try:
            async with asyncio.timeout(CHANNEL_SECONDS):
                self._channel = await self._layer.channels.new_channel()
            await self._join_missing()
            while True:
                await self._receive(await self._layer.channels.receive(self._channel))
        finally:
            self._channel = ""
            self._joined.clear()

    async def _join_all(self) -> None:
        """Join the groups that could not be joined when their topics were opened."""
        while True:
            await self._join_missing()
            await asyncio.sleep(RETRY_SECONDS)

    async def _join_missing(self) -> None:
        for topic in list(self._topics):  # in the order of opening, so that `access` is the first
            await self._join(topic)

    async def _receive(self, message: dict[str, Any]) -> None:
        topic_state = self._topics.get(message["topic"])
        if topic_state is None:
            return
        match message["type"]:
            case "realtime.batch":
                fields = {k: v for k, v in message.items() if k != "type"}
                if not topic_state.receive(Batch(**fields)):
                    await self._fill_gap(topic_state)
            case "realtime.latest":
                topic_state.set_latest(message["items"])
            case "realtime.presence" if message["process"] != self.process:
                self.presence.receive(message)

    async def _poll(self) -> None:
        """Compare the positions of all topics with the database every second, in one query.

        A second query finds out whether a relay numbers changes.
        """
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._topics:
                continue
            heads, activity = await run_in_db_thread(_read_progress, list(self._topics))
            self._relay_watch.observe(activity)
            await self._fill_gaps(heads)

    async def _watch_freshness(self) -> None:
        """Tell all topics every second whether changes arrive, also while polls do not return."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._relay_watch.silence.tick()
            for topic_state in self._topics.values():
                topic_state.tick(self._relay_watch.silence.since)

    async def _recheck_access(self) -> None:
        """Check all users regularly: sessions and tokens expire without any signal."""
        while True:
            await asyncio.sleep(ACCESS_RECHECK_SECONDS)
            self.access_watcher.recheck_all()

    async def _fill_gaps(self, heads: dict[str, reader.Head]) -> None:
        """Catch up the topics that are behind these heads: `access` first, then the others."""
        for topic in sorted(heads, key=lambda topic: topic != revocation.TOPIC):
            head, topic_state = heads[topic], self._topics.get(topic)
            if topic_state is None:
                continue
            topic_state.polled = head.position
            if (head.epoch, head.position) != (topic_state.epoch, topic_state.last):
                await self._fill_gap(topic_state)

    async def _fill_gap(self, topic_state: TopicState) -> None:
        """Catch up a topic in the background; wait for it only if it is `access`."""
        catching_up = topic_state.start_catching_up()
        if topic_state.topic == revocation.TOPIC:
            await asyncio.shield(catching_up)


def _read_progress(topics: list[str]) -> tuple[dict[str, reader.Head], RelayActivity | None]:
    return reader.heads_of(topics), read_activity()
