"""A crowd of pages: each follows one topic as a browser does, and is held against the database.

A page resumes where it was, waits as long as it was told to, and acknowledges what it has applied.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from realtime.database import run_in_db_thread
from realtime.hub.send_queue import WINDOW_BYTES
from realtime.log.reader import take_snapshot
from tests.support.clients.board import Board
from tests.support.clients.page_state import Memory, parse
from tests.support.clients.websocket_client import Visitor
from tests.support.traffic.generator import until_all_is_numbered

PATIENCE_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 2.0
ENTER_AT_ONCE = 32  # one machine plays all of them; more would wait for each other
ACKNOWLEDGE_EVERY = 16  # frames
LARGE_FRAME = WINDOW_BYTES // ACKNOWLEDGE_EVERY // 4
Door = Callable[[], connect]


class Page(Memory):
    """A page that stays open, and comes back by itself through whichever door opens."""

    def __init__(
        self, doors: Sequence[Door], *, chance: random.Random, entrance: asyncio.Semaphore
    ) -> None:
        super().__init__()
        self._doors, self._chance, self._entrance = doors, chance, entrance
        self._attempts = 0
        self.close_codes: list[int | None] = []
        self.socket: ClientConnection | None = None
        self.task = asyncio.create_task(self._stay())

    def cut(self) -> bool:
        """Cut the connection in the middle of whatever it was sending; False if there is none."""
        if self.socket is None:
            return False
        self.socket.transport.abort()
        self.socket = None
        return True

    async def _stay(self) -> None:
        failures = 0
        while True:
            parted, connections = len(self.goodbyes), self.connections
            try:
                async with self._entrance:
                    socket = await self._doors[self._attempts % len(self._doors)]()
                async with socket:
                    await self._follow(socket)
            except (OSError, EOFError, TimeoutError, WebSocketException):
                self._attempts += 1
            failures = 0 if self.connections > connections else failures + 1
            await asyncio.sleep(self._wait_seconds(failures, told=len(self.goodbyes) > parted))

    def _wait_seconds(self, failures: int, *, told: bool) -> float:
        """As told, or a moment of one's own, longer each time, so that not all come at once."""
        if told:
            return float(self.goodbyes[-1]["retry_after_ms"]) / 1000
        return self._chance.uniform(0, min(0.2 * 2**failures, LONGEST_WAIT_SECONDS))

    async def _follow(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "epoch": self.board.epoch, "position": self.board.position}
        await socket.send(json.dumps(hello))
        try:
            self.hear(parse(await socket.recv()))
            self.socket = socket
            for number in count(2):
                text = await socket.recv()
                self.hear(parse(text))
                # The server waits for what fills its window, so a large frame is told of at once.
                if number % ACKNOWLEDGE_EVERY == 0 or len(text) > LARGE_FRAME:
                    position = self.board.position
                    await socket.send(json.dumps({"type": "ack", "position": position}))
        except ConnectionClosed as closed:
            if self.socket is not None:
                self.close_codes.append(closed.rcvd.code if closed.rcvd else None)
            raise
        finally:
            self.socket = None


def doors(person: Visitor, path: str, pages: int = 1) -> list[Sequence[Door]]:
    """For each of so many pages of this person: the one way in."""
    return [[door(person, path)]] * pages


def door(person: Visitor, path: str) -> Door:
    """A browser's socket: it answers pings and sends none, so that a busy machine cuts nobody."""
    return lambda: person.socket(path, ping_interval=None, open_timeout=PATIENCE_SECONDS)


@asynccontextmanager
async def crowd(*lines: Sequence[Door], seed: int = 1) -> AsyncIterator[list[Page]]:
    """A page for each sequence of doors, once all of them show their first rows."""
    chance, entrance = random.Random(seed), asyncio.Semaphore(ENTER_AT_ONCE)
    pages = [
        Page(doors, chance=random.Random(chance.random()), entrance=entrance) for doors in lines
    ]
    try:
        await until(lambda: all(page.snapshots for page in pages), "everybody is in", pages)
        yield pages
    finally:
        for page in pages:
            page.task.cancel()
        await asyncio.gather(*(page.task for page in pages), return_exceptions=True)


async def until(is_so: Callable[[], bool], claim: str, pages: Iterable[Page] = ()) -> None:
    """Wait until something is so. A page that ended by an error of its own ends the wait."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                for page in pages:
                    if page.task.done():
                        page.task.result()
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise AssertionError(f"It never came about that {claim}") from None


async def reconcile(pages: Sequence[Page]) -> None:
    """Hold every page against a fresh snapshot; fails on one row, or one position, short."""
    await until_all_is_numbered()
    fresh = {topic: await fresh_board(topic) for topic in {page.topic for page in pages}}
    await hold_against(fresh, pages)


async def hold_against(fresh: Mapping[str, Board], pages: Sequence[Page]) -> None:
    """Wait until every page has got as far as these boards, and compare."""

    def all_there() -> bool:
        return all(page.faults or page.has_reached(fresh[page.topic]) for page in pages)

    await until(all_there, "everybody has caught up", pages)
    wrong = {
        number: found
        for number, page in enumerate(pages)
        if (found := page.differences(fresh[page.topic]))
    }
    assert not wrong, f"Of {len(pages)} pages these are not what a reload would show: {wrong}"


async def fresh_board(topic: str) -> Board:
    """What a reload would show, straight from the database."""
    return Board.from_snapshot(await run_in_db_thread(take_snapshot, topic))
