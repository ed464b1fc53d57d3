"""The hub: one per process. It joins each watched topic's group once, and serves all sockets from
that.

Messages from the relay make it quick; a look at the topics' tops every second makes it right
without them.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any
from uuid import uuid4

from django.db import OperationalError
from redis.exceptions import RedisError

from monitoring.metrics.event_loop import watch_lag
from monitoring.sentry import reporting
from realtime.async_tasks import cancel_all
from realtime.database import run_in_db_thread
from realtime.hub import revocation
from realtime.hub.admission_batch import Doorway
from realtime.hub.presence import Presence, news
from realtime.hub.registry import Sockets
from realtime.hub.revocation import Doorkeeper
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicFeed
from realtime.log import reader
from realtime.protocol.server_frames import Batch, Row
from realtime.pubsub import BestEffortPublisher, GuardedLayer

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
ASK_AGAIN_SECONDS = 60.0
RETRY_SECONDS = 1.0
CHANNEL_SECONDS = 5.0  # to get a channel of our own; the polls do without
LOST_SERVER = (OSError, TimeoutError, OperationalError, RedisError)

_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop, started on first use."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
    return hub


def all_hubs() -> list[Hub]:
    """All hubs of this process, one to an event loop; any thread may ask."""
    return list(_hubs.values())


class Hub:
    """Everything live that this process shows."""

    def __init__(self) -> None:
        self.process = uuid4().hex
        self._layer = GuardedLayer()
        self._publisher = BestEffortPublisher(self._layer)
        self._channel = ""
        self._joined: set[str] = set()
        self._feeds: dict[str, TopicFeed] = {}
        self._opening: weakref.WeakValueDictionary[str, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.presence = Presence(self.process, self.announce, self._show_presence)
        self.doorkeeper = Doorkeeper()
        self.doorway = Doorway()
        self.sockets = Sockets()

    @property
    def topics(self) -> set[str]:
        """The topics that are followed here."""
        return set(self._feeds)

    async def subscribe(
        self, topic: str, *, epoch: str | None = None, position: int | None = None
    ) -> Subscription:
        """Follow a topic from a position, or from a snapshot. In this order, so that nothing is
        missed:
        subscribe, then snapshot, then drain."""
        topic_feed = await self._feed(topic)
        subscription = Subscription(topic)
        topic_feed.subscriptions.add(subscription)
        try:
            await topic_feed.follow(subscription, epoch, position)
        except BaseException:
            await self.unsubscribe(topic, subscription)
            raise
        return subscription

    async def unsubscribe(self, topic: str, subscription: Subscription) -> None:
        """Stop following; the last reader's going lets the topic go."""
        topic_feed = self._feeds.get(topic)
        if topic_feed is None:
            return
        topic_feed.subscriptions.discard(subscription)
        if not topic_feed.subscriptions:
            del self._feeds[topic]
            self._joined.discard(topic)
            await self._layer.leave(topic, self._channel)

    async def _feed(self, topic: str) -> TopicFeed:
        lock = self._opening.setdefault(topic, asyncio.Lock())
        async with lock:
            if topic not in self._feeds:
                await self._start()
                await self._open(topic)
            return self._feeds[topic]

    async def _open(self, topic: str) -> None:
        """Hints first, database second: what comes in between is in both, not in neither."""
        await self._join(topic)
        topic_feed = TopicFeed(topic)
        await topic_feed.open()
        self._feeds[topic] = topic_feed
        await self._join(topic)  # unless it has: the process's channel may have come meanwhile

    async def _join(self, topic: str) -> None:
        if not self._channel or topic in self._joined:
            return
        if await self._layer.join(topic, self._channel):
            self._joined.add(topic)

    async def announce(self, topic: str, message: dict[str, Any]) -> None:
        """Tell all hubs that show this topic."""
        self._publisher.publish(topic, message)

    def _show_presence(self, topic: str, rows: dict[str, Row]) -> None:
        topic_feed = self._feeds.get(topic)
        if topic_feed is not None and (changed := news(topic_feed.latest, rows)):
            topic_feed.set_latest(changed)

    async def _start(self) -> None:
        if self._tasks:
            return
        loops = (
            self._listen,
            self._join_all,
            self._publisher.run,
            self._poll,
            self._ask_again,
            self.presence.run,
            watch_lag,
        )
        # Whichever socket comes first, its id does not belong to what is done for all of them.
        self._tasks = [
            asyncio.create_task(self._forever(loop), context=Context()) for loop in loops
        ]
        access = await self._feed(revocation.TOPIC)
        access.subscriptions.add(self.doorkeeper)

    async def close(self) -> None:
        """End the hub's own tasks."""
        tasks, self._tasks = self._tasks, []
        await cancel_all(tasks)

    async def _forever(self, loop: Callable[[], Awaitable[None]]) -> None:
        """One of three edges that catch broadly: log, pause, go on."""
        while True:
            with reporting.isolated_scope(loop="hub"):
                try:
                    await loop()
                except LOST_SERVER as error:
                    lost = {"action": "hub_lost_a_server"}
                    logger.warning("The hub lost a server (%s)", type(error).__name__, extra=lost)
                except Exception:
                    logger.exception("A hub loop failed", extra={"action": "hub_loop_failed"})
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        """Hear what comes over a channel of our own; without one, the polls go on."""
        await self._layer.reset()
        try:
            async with asyncio.timeout(CHANNEL_SECONDS):
                self._channel = await self._layer.channels.new_channel()
            await self._join_missing()
            while True:
                await self._hear(await self._layer.channels.receive(self._channel))
        finally:
            self._channel = ""
            self._joined.clear()

    async def _join_all(self) -> None:
        """Join, sooner or later, what could not be joined when it was opened."""
        while True:
            await self._join_missing()
            await asyncio.sleep(RETRY_SECONDS)

    async def _join_missing(self) -> None:
        for topic in list(self._feeds):  # in the order of opening, so `access` is the first
            await self._join(topic)

    async def _hear(self, message: dict[str, Any]) -> None:
        topic_feed = self._feeds.get(message["topic"])
        if topic_feed is None:
            return
        match message["type"]:
            case "realtime.batch":
                fields = {k: v for k, v in message.items() if k != "type"}
                if not topic_feed.receive(Batch(**fields)):
                    await self._mend(topic_feed)
            case "realtime.latest":
                topic_feed.set_latest(message["items"])
            case "realtime.presence" if message["process"] != self.process:
                self.presence.hear(message)

    async def _poll(self) -> None:
        """Compare the tops of all watched topics with the database, in one query."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._feeds:
                continue
            await self._compare(await run_in_db_thread(reader.heads_of, list(self._feeds)))

    async def _ask_again(self) -> None:
        """Sessions run out without anybody's doing."""
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            self.doorkeeper.ask_about_everybody()

    async def _compare(self, heads: dict[str, reader.Head]) -> None:
        """Fill what is missing below these tops: who may watch first, what is to be seen second."""
        for topic in sorted(heads, key=lambda topic: topic != revocation.TOPIC):
            head, topic_feed = heads[topic], self._feeds.get(topic)
            if topic_feed and (head.epoch, head.position) != (topic_feed.epoch, topic_feed.last):
                await self._mend(topic_feed)

    async def _mend(self, topic_feed: TopicFeed) -> None:
        """Nothing goes on before a gap in `access` is filled; other topics are filled aside."""
        mending = topic_feed.mend()
        if topic_feed.topic == revocation.TOPIC:
            await asyncio.shield(mending)
