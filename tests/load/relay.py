"""The relay on one core: draining a backlog, and a steady stream."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from django.db.models import F

from realtime.layer_servers import group_name
from realtime.log import changes, reader
from realtime.models import Change, TopicHead
from tests.load.machine import MEBIBYTE, Usage, pinned, web_core
from tests.load.processes import Ground
from tests.load.producers import RecordingProducer
from tests.load.rounds import alternately
from tests.load.table import Line, ratios, spread
from tests.load.watched_board import Board

CARDS = 5000
BACKLOG = 50_000
MARKERS_A_STATEMENT = 5000
ONE_BY_ONE = 60
CHANGES_A_SECOND = 2000
STEADY_SECONDS = 5.0
TARGET = 2000
MOST_GROWTH = 64 * MEBIBYTE  # "without growing": far less than the backlog would take
LOOK_EVERY_SECONDS = 0.05
DRAINED_WITHIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Drained:
    """growth: of the process's memory, from its first batches to its peak, in bytes."""

    changes: int
    seconds: float
    cpu_seconds: float
    growth: int = 0
    memory: str = ""

    @property
    def a_second(self) -> float:
        return self.changes / self.seconds

    @property
    def a_core_second(self) -> float:
        return self.changes / self.cpu_seconds


def run(ground: Ground) -> list[Line]:
    """Compares batches with one transaction and one message for each change."""
    board = Board(cards=CARDS, people=1)
    ours, single = alternately("relay", lambda: _drained(ground, board), lambda: _one_by_one(board))
    steady = [_steady(ground, board) for _ in ours]
    return [_backlog_line(ours, single), _steady_line(steady)]


def _drained(ground: Ground, board: Board) -> Drained:
    """Starts the relay with this many changes pending, and measures until none is left."""
    keys = cycle(board.keys)
    for _ in range(BACKLOG // MARKERS_A_STATEMENT):
        changes.record((board.topic, key) for key in islice(keys, MARKERS_A_STATEMENT))
    with shown(board.topic), ground.relay(web_core()) as relay:
        before, began = Usage.of(relay), time.monotonic()
        memory = [Usage.of(relay).memory_bytes for _ in _while_pending(BACKLOG)]
        seconds, after = time.monotonic() - began, Usage.of(relay)
    growth = max(memory) - statistics.median(memory[: max(1, len(memory) // 4)])
    cpu_seconds = after.cpu_seconds - before.cpu_seconds
    return Drained(BACKLOG, seconds, cpu_seconds, int(growth), after.memory)


@contextmanager
def shown(topic: str) -> Iterator[None]:
    """Subscribes to the topic, because the relay renders only rows that somebody watches."""
    with redis.Redis.from_url(settings.REDIS_URL).pubsub() as listener:
        listener.subscribe(**{group_name(topic): lambda message: None})
        reading = listener.run_in_thread(sleep_time=0.1, daemon=True)
        try:
            yield
        finally:
            reading.stop()
            reading.join()


def _while_pending(backlog: int) -> Iterator[int]:
    """Yields the number of pending changes, from the first batch's end until it is 0."""
    deadline = time.monotonic() + DRAINED_WITHIN_SECONDS
    while left := Change.objects.filter(position=None).count():
        assert time.monotonic() < deadline, f"the relay has left {left} changes pending"
        if left < backlog:
            yield left
        time.sleep(LOOK_EVERY_SECONDS)
    yield 0


def _one_by_one(board: Board) -> Drained:
    """The simple way: for each change a transaction with its position, a row, and a message."""
    keys = list(islice(cycle(board.keys), ONE_BY_ONE))
    with pinned(web_core()), asyncio.Runner() as loop:
        began, cpu = time.monotonic(), time.process_time()
        for key in keys:
            row = _numbered(board.topic, key)
            message = {"type": "board.change", "text": row}
            loop.run(get_channel_layer().group_send("one-by-one", message))
        return Drained(ONE_BY_ONE, time.monotonic() - began, time.process_time() - cpu)


@transaction.atomic
def _numbered(topic: str, key: str) -> str:
    TopicHead.objects.filter(topic=topic).update(position=F("position") + 1)
    position = TopicHead.objects.values_list("position", flat=True).get(topic=topic)
    Change.objects.create(topic=topic, key=key, position=position)
    return reader.render_changes({topic: [key]})[topic][key]


def _steady(ground: Ground, board: Board) -> Drained:
    """Records the promised stream; measures until the last change is published."""
    with shown(board.topic), ground.relay(web_core()) as relay:
        producer = RecordingProducer(board.topic, board.keys)
        before, began = Usage.of(relay), time.monotonic()
        producer.run(STEADY_SECONDS, CHANGES_A_SECOND)
        seconds, after = time.monotonic() - began, Usage.of(relay)
    total = round(STEADY_SECONDS * CHANGES_A_SECOND)
    cpu_seconds = after.cpu_seconds - before.cpu_seconds
    growth = after.memory_bytes - before.memory_bytes
    return Drained(total, seconds, cpu_seconds, growth, after.memory)


def _backlog_line(ours: list[Drained], single: list[Drained]) -> Line:
    growth = max(one.growth for one in ours)
    rate = statistics.median([one.a_second for one in ours])
    return Line(
        what=f"Relay: a backlog of {BACKLOG} changes of {CARDS} cards, drained on one core",
        ours=spread([one.a_second for one in ours], "changes/s")
        + f", memory grew {growth / MEBIBYTE:.0f} MiB",
        baseline="a transaction and a message for each: "
        + spread([one.a_second for one in single], "changes/s"),
        ratio="× " + spread(ratios([o.a_second for o in ours], [o.a_second for o in single])),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"≥ {TARGET} changes/s, memory flat (≤ {MOST_GROWTH // MEBIBYTE} MiB)",
        met=rate >= TARGET and growth <= MOST_GROWTH,
    )


def _steady_line(steady: list[Drained]) -> Line:
    rates = [one.a_second for one in steady]
    return Line(
        what=f"… {CHANGES_A_SECOND} changes/s for {STEADY_SECONDS:.0f} s, until the last is out",
        ours=spread(rates, "changes/s")
        + f", {spread([one.a_core_second for one in steady])} per CPU second",
        cpu=spread([one.cpu_seconds for one in steady]),
        memory=steady[-1].memory,
        target=f"≥ {TARGET} changes/s (within 5 %)",
        met=statistics.median(rates) >= TARGET * 0.95,
    )
