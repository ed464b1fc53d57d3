"""A process of simulated browsers that only count: thousands of sockets, with as little work for
each frame as possible.

It reads one JSON command a line on stdin, and answers each with one line.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.load.client_counts import FROM_TO, ClientCounts, committed_at

FULLY_READ_EVERY = 30  # of this many sockets one parses its frames as JSON
ACK_EVERY_SECONDS = 0.2  # as a browser does
HANDSHAKE_SECONDS = 30.0
HANDSHAKES_TRIED = 20
LONGEST_RETRY_SECONDS = 8.0
SERVED_SECONDS = 60.0
MAX_FRAME_BYTES = 256 * 1024 * 1024


class Watcher(WSListener):
    """One socket. `awaits`: the beginning of the frame that shows it is being served."""

    def __init__(
        self, number: int, hello: bytes | None, awaits: bytes, counts: ClientCounts
    ) -> None:
        self.position = 0
        self.acknowledged = 0
        self.served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport | None = None
        self._hello, self._awaits, self._counts = hello, awaits, counts
        self._is_read_fully = number % FULLY_READ_EVERY == 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self._hello is not None:
            transport.send(WSMsgType.TEXT, self._hello)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._counts.lost += 1
        self._fail("The connection was lost")

    def _fail(self, reason: str) -> None:
        if not self.served.done():
            self.served.set_exception(ConnectionError(f"{reason} before the socket was served"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self._fail(f"The server closed with {frame.get_close_code()}")
            transport.disconnect()
        if frame.msg_type != WSMsgType.TEXT:
            return
        arrived = time.time()
        payload = frame.get_payload_as_memoryview()
        start = bytes(payload[:40])
        if not self.served.done() and self._awaits in start:
            self.served.set_result(None)
        if start.startswith(b'{"type":"changes"'):
            self._count_changes(payload, arrived)
        elif start.startswith(b'{"type": "change"'):
            self._count_one(payload, arrived)
        elif start.startswith(b'{"type":"welcome"'):
            self.position = self.acknowledged = json.loads(payload.tobytes())["position"]

    def _count_changes(self, payload: memoryview, arrived: float) -> None:
        """Counts one of our frames: the changes of positions `from` to `to`."""
        found = FROM_TO.search(payload)
        assert found is not None, "a changes frame has `from` and `to`"
        first, last = int(found[1]), int(found[2])
        if last <= self.position:  # the resumed part, counted with the welcome already
            return
        if first != self.position + 1:
            self._counts.holes += 1
        self._counts.frame(last - self.position, len(payload))
        self._counts.arrival(last, arrived)
        self.position = last
        if self._is_read_fully:
            changes = json.loads(payload.tobytes())["changes"]
            self._counts.sample(len(changes), last - first + 1)
            self._counts.content(last, changes)
            self._counts.delay(arrived - committed_at(payload))

    def _count_one(self, payload: memoryview, arrived: float) -> None:
        """Counts a frame of the stock consumer: one change."""
        self.position += 1
        self._counts.frame(1, len(payload))
        if self._is_read_fully:
            self._counts.sample(1, 1)
            self._counts.delay(arrived - committed_at(payload))


class SimulatedClients:
    """All sockets of this process, and the commands it accepts."""

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self.counts = ClientCounts()

    async def open(
        self,
        *,
        url: str,
        cookies: list[str],
        origin: str,
        count: int,
        hello: dict[str, Any] | None = None,
        awaits: str = "",
        at_once: int = 100,
    ) -> dict[str, Any]:
        """Opens sockets, at most `at_once` at a time, until each is served."""
        text = None if hello is None else json.dumps(hello).encode()
        room = asyncio.Semaphore(at_once)
        delays: list[float] = []

        async def one(number: int) -> None:
            headers = {"Origin": origin}
            if cookies:
                headers["Cookie"] = cookies[number % len(cookies)]
            async with room:
                began = time.perf_counter()
                watcher = await self._connect(
                    lambda: Watcher(number, text, awaits.encode(), self.counts), url, headers
                )
                delays.append(time.perf_counter() - began)
            self.watchers.append(watcher)

        began = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(count)))
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "delays": sorted(delays), "retries": self.counts.retries}

    async def _connect(
        self, make_watcher: Callable[[], Watcher], url: str, headers: dict[str, str]
    ) -> Watcher:
        """Opens a socket; after a refused handshake it retries like a browser."""
        for attempt in range(HANDSHAKES_TRIED):
            watcher = make_watcher()
            with suppress(OSError, WSError, TimeoutError):
                await ws_connect(
                    lambda: watcher,  # noqa: B023 used before the next turn
                    url,
                    extra_headers=headers,
                    websocket_handshake_timeout=HANDSHAKE_SECONDS,
                    max_frame_size=MAX_FRAME_BYTES,
                )
            if watcher.transport is not None:
                async with asyncio.timeout(SERVED_SECONDS):
                    await watcher.served
                return watcher
            self.counts.retries += 1
            await asyncio.sleep(random.uniform(0, min(2.0**attempt, LONGEST_RETRY_SECONDS)))
        raise ConnectionError("The server has refused this socket too often")

    async def begin(self) -> dict[str, Any]:
        """Resets the counters."""
        self.counts.clear()
        return {}

    async def until(self, *, position: int, within: float) -> dict[str, Any]:
        """Waits until every socket has reached this position, or the time is over."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if all(watcher.position >= position for watcher in self.watchers):
                break
            await asyncio.sleep(0.01)
        return await self.report()

    async def since(self, *, commits: dict[str, float]) -> dict[str, Any]:
        """Measures how long after these commits every socket had them."""
        return self.counts.since(commits)

    async def report(self) -> dict[str, Any]:
        """Returns what has been counted since `begin`."""
        positions = [watcher.position for watcher in self.watchers] or [0]
        return self.counts.report() | {"behind": min(positions), "ahead": max(positions)}

    async def close(self) -> dict[str, Any]:
        """Closes every socket."""
        open_ones = [w.transport for w in self.watchers if w.transport is not None]
        for transport in open_ones:
            transport.disconnect()
        await asyncio.gather(*(transport.wait_disconnected() for transport in open_ones))
        self.watchers.clear()
        return {}

    async def acknowledge_always(self) -> None:
        """Acknowledges each socket's position as often as a browser does."""
        while True:
            await asyncio.sleep(ACK_EVERY_SECONDS)
            for watcher in list(self.watchers):
                transport = watcher.transport
                if watcher.position > watcher.acknowledged and transport is not None:
                    watcher.acknowledged = watcher.position
                    if watcher._hello is not None and not transport.is_disconnected:
                        text = f'{{"type":"ack","position":{watcher.position},"shown_ms":20}}'
                        transport.send(WSMsgType.TEXT, text.encode())


async def main() -> None:
    clients = SimulatedClients()
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    acknowledging = asyncio.create_task(clients.acknowledge_always())
    while line := await commands.readline():
        command = json.loads(line)
        answer = await getattr(clients, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)  # noqa: T201 the answer
    acknowledging.cancel()


if __name__ == "__main__":
    asyncio.run(main())
