"""Many pages at once: each follows one topic as a browser does, and is compared with the database.

A page resumes at its position, waits as long as the server asks, and acknowledges what it applies.
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
from tests.support.traffic.generator import until_all_have_positions

TIMEOUT_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 2.0
CONNECT_AT_ONCE = 32  # one machine plays all pages; more would only wait for each other
ACKNOWLEDGE_EVERY = 16  # frames
LARGE_FRAME = WINDOW_BYTES // ACKNOWLEDGE_EVERY // 4
Connector = Callable[[], connect]


class Page(Memory):
    """A page that stays open and reconnects by itself, through the next connector on failure."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        *,
        rng: random.Random,
        connecting: asyncio.Semaphore,
    ) -> None:
        super().__init__()
        self._connectors, self._rng, self._connecting = connectors, rng, connecting
        self._attempts = 0
        self.close_codes: list[int | None] = []
        self.socket: ClientConnection | None = None
        self.task = asyncio.create_task(self._stay_connected())

    def cut(self) -> bool:
        """Aborts the connection, in the middle of a frame; False if there is none."""
        if self.socket is None:
            return False
        self.socket.transport.abort()
        self.socket = None
        return True

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            parted, connections = len(self.goodbyes), self.connections
            try:
                async with self._connecting:
                    socket = await self._connectors[self._attempts % len(self._connectors)]()
                async with socket:
                    await self._follow(socket)
            except (OSError, EOFError, TimeoutError, WebSocketException):
                self._attempts += 1
            failures = 0 if self.connections > connections else failures + 1
            was_told = len(self.goodbyes) > parted
            await asyncio.sleep(self._wait_seconds(failures, was_told=was_told))

    def _wait_seconds(self, failures: int, *, was_told: bool) -> float:
        """Returns the pause the server asked for, or a random one that grows with each failure."""
        if was_told:
            return float(self.goodbyes[-1]["retry_after_ms"]) / 1000
        return self._rng.uniform(0, min(0.2 * 2**failures, LONGEST_WAIT_SECONDS))

    async def _follow(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "epoch": self.board.epoch, "position": self.board.position}
        await socket.send(json.dumps(hello))
        try:
            self.receive(parse(await socket.recv()))
            self.socket = socket
            for number in count(2):
                text = await socket.recv()
                self.receive(parse(text))
                # The server waits for a full window, so a large frame is acknowledged at once.
                if number % ACKNOWLEDGE_EVERY == 0 or len(text) > LARGE_FRAME:
                    position = self.board.position
                    await socket.send(json.dumps({"type": "ack", "position": position}))
        except ConnectionClosed as closed:
            if self.socket is not None:
                self.close_codes.append(closed.rcvd.code if closed.rcvd else None)
            raise
        finally:
            self.socket = None


def connectors(person: Visitor, path: str, pages: int = 1) -> list[Sequence[Connector]]:
    """Returns the connectors of so many pages of this person, one for each page."""
    return [[connector(person, path)]] * pages


def connector(person: Visitor, path: str) -> Connector:
    """Opens a socket like a browser: answers pings, sends none, so a busy machine drops nobody."""
    return lambda: person.socket(path, ping_interval=None, open_timeout=TIMEOUT_SECONDS)


@asynccontextmanager
async def open_pages(*lines: Sequence[Connector], seed: int = 1) -> AsyncIterator[list[Page]]:
    """Opens a page for each sequence of connectors; yields when all show their first rows."""
    rng, connecting = random.Random(seed), asyncio.Semaphore(CONNECT_AT_ONCE)
    pages = [Page(line, rng=random.Random(rng.random()), connecting=connecting) for line in lines]
    try:
        await until(lambda: all(page.snapshots for page in pages), "every page has its rows", pages)
        yield pages
    finally:
        for page in pages:
            page.task.cancel()
        await asyncio.gather(*(page.task for page in pages), return_exceptions=True)


async def until(is_so: Callable[[], bool], claim: str, pages: Iterable[Page] = ()) -> None:
    """Waits until a condition holds. Raises the error of a page that ended with one."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not is_so():
                for page in pages:
                    if page.task.done():
                        page.task.result()
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise AssertionError(f"Never true: {claim}") from None


async def reconcile(pages: Sequence[Page]) -> None:
    """Asserts that every page equals a fresh snapshot, in each row and in the position."""
    await until_all_have_positions()
    fresh = {topic: await fresh_board(topic) for topic in {page.topic for page in pages}}
    await assert_pages_match(fresh, pages)


async def assert_pages_match(fresh: Mapping[str, Board], pages: Sequence[Page]) -> None:
    """Waits until every page has reached these boards' positions, and compares."""

    def all_caught_up() -> bool:
        return all(page.faults or page.has_reached(fresh[page.topic]) for page in pages)

    await until(all_caught_up, "every page has caught up", pages)
    wrong = {
        number: found
        for number, page in enumerate(pages)
        if (found := page.differences(fresh[page.topic]))
    }
    assert not wrong, f"{len(wrong)} of {len(pages)} pages differ from a reload: {wrong}"


async def fresh_board(topic: str) -> Board:
    """Returns the board that a reload would show, read from the database."""
    return Board.from_snapshot(await run_in_db_thread(take_snapshot, topic))
