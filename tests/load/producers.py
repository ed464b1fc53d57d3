"""Producers of changes: at a steady rate, or as fast as the clients keep up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from realtime.log import changes, reader
from realtime.models import Change, TopicHead
from realtime.protocol.server_frames import Batch
from tests.load import stock_consumer

CHANGES_A_BATCH = 25
RELAYED_WITHIN_SECONDS = 60.0
IN_FLIGHT = 20  # well under the 100 that the core layer holds for a process


def paced(total: int, each_second: float) -> Iterator[float]:
    """Yields `total` times at this rate, by the clock; catches up at once after a delay."""
    began = time.monotonic()
    for number in range(total):
        due = began + number / each_second
        time.sleep(max(0.0, due - time.monotonic()))
        yield due


def relayed_position(topic: str) -> int:
    """Waits until nothing is pending; returns the position. Raises AssertionError if late."""
    deadline = time.monotonic() + RELAYED_WITHIN_SECONDS
    while left := Change.objects.filter(position=None).count():
        assert time.monotonic() < deadline, f"the relay has left {left} changes pending"
        time.sleep(0.005)
    return reader.head_of(topic).position


class DirectProducer:
    """Numbers changes and publishes their batches, with rows rendered beforehand.

    It replaces the relay without its work, and so compares with a bare `group_send`.
    """

    def __init__(self, topic: str, keys: list[str]) -> None:
        self.head = reader.head_of(topic)
        self.position = self.head.position
        self._topic = topic
        self._rows = reader.render_changes({topic: keys})[topic]
        self._keys = cycle(keys)
        self._loop = asyncio.Runner()

    def run(self, seconds: float, changes_a_second: float) -> int:
        """Publishes at this rate for so long; returns the last position."""
        batches = round(seconds * changes_a_second / CHANGES_A_BATCH)
        for _ in paced(batches, changes_a_second / CHANGES_A_BATCH):
            self._publish(list(islice(self._keys, CHANGES_A_BATCH)))
        return self.position

    def log_only(self, total: int) -> None:
        """Writes changes to the log without publishing: what a client misses while it is away."""
        first, self.position = self.position + 1, self.position + total
        self._log(first, list(islice(self._keys, total)))

    def _publish(self, keys: list[str]) -> None:
        first, self.position = self.position + 1, self.position + len(keys)
        now = timezone.now()
        batch = Batch(
            topic=self._topic,
            epoch=self.head.epoch,
            first=first,
            last=self.position,
            changes={key: self._rows[key] for key in keys},
            positions={key: first + at for at, key in enumerate(keys)},
            committed_at=now.isoformat(),
        )
        self._log(first, keys)
        message = {"type": "realtime.batch", **batch.message()}
        self._loop.run(get_channel_layer().group_send(self._topic, message))

    @transaction.atomic
    def _log(self, first: int, keys: list[str]) -> None:
        """Writes the log too, because the hub would fetch positions that it does not find there."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO realtime_change (topic, key, position, recorded_at)
                SELECT %s, key, %s + number - 1, now()
                FROM unnest(%s::text[]) WITH ORDINALITY AS given (key, number)
                """,
                [self._topic, first, keys],
            )
        TopicHead.objects.filter(topic=self._topic).update(position=self.position)


class RecordingProducer:
    """Records changes, a few in each transaction, and leaves the rest to the relay."""

    def __init__(self, topic: str, keys: list[str]) -> None:
        self._topic = topic
        self._keys = cycle(keys)

    def run(self, seconds: float, changes_a_second: float) -> int:
        """Records at this rate for so long; returns the position once all is relayed."""
        batches = round(seconds * changes_a_second / CHANGES_A_BATCH)
        for _ in paced(batches, changes_a_second / CHANGES_A_BATCH):
            changes.record((self._topic, key) for key in islice(self._keys, CHANGES_A_BATCH))
        return relayed_position(self._topic)


class StockProducer:
    """Calls `group_send` for each change, as fast as the clients keep up."""

    def __init__(self, rows: dict[str, str]) -> None:
        self._changes = cycle([json.loads(text) for text in rows.values()])
        self._layer = stock_consumer.layer(settings.REDIS_URL)
        self._loop = asyncio.Runner()

    def announce(self, change: dict[str, Any]) -> None:
        """Sends this change to every client."""
        frame = {"type": "change", "committed_at": timezone.now().isoformat(), **change}
        message = {"type": "board.change", "change": frame}
        self._loop.run(self._layer.group_send(stock_consumer.GROUP, message))

    def run(self, total: int, arrived: Callable[[], int]) -> int:
        """Sends so many; `arrived` returns how many every client has by now."""
        for _ in as_clients_keep_up(total, arrived):
            self.announce(next(self._changes))
        return total


class PeerProducer:
    """Posts each change to the peer, as fast as the clients keep up."""

    def __init__(self, rows: dict[str, str], address: str) -> None:
        self._changes = cycle([json.loads(text) for text in rows.values()])
        self._connection = HTTPConnection(urlsplit(address).netloc)

    def run(self, total: int, arrived: Callable[[], int]) -> int:
        """Sends so many; `arrived` returns how many every client has by now."""
        for _ in as_clients_keep_up(total, arrived):
            committed_at = timezone.now().isoformat()
            frame = {"type": "change", "committed_at": committed_at, **next(self._changes)}
            self._connection.request("POST", "/", json.dumps(frame))
            self._connection.getresponse().read()
        return total


def as_clients_keep_up(total: int, arrived: Callable[[], int]) -> Iterator[int]:
    """Yields `total` times, whenever few are in flight."""
    sent = 0
    while sent < total:
        if sent - arrived() < IN_FLIGHT:
            yield sent
            sent += 1
        else:
            time.sleep(0.002)
