"""A person who signs in through the login page, and that person's WebSockets, over the network."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
from django.contrib.auth.models import User
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from realtime.protocol.server_frames import STALLED
from tests.people import PASSWORD
from tests.support.clients.board import Board
from tests.support.contracts import asyncapi
from tests.support.product.processes import Site

ANSWER_SECONDS = 20.0
RETRY_SECONDS = 0.1
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """A signed-in person with a browser's cookies."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        self._site = site
        self.client = client

    async def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Calls the API as a page of the site does, with the CSRF token."""
        headers = {"X-CSRFToken": self.client.cookies["csrftoken"], "Referer": self._site.url}
        return await self.client.post(path, json=body, headers=headers)

    def socket(self, path: str, **options: Any) -> connect:
        cookie = f"sessionid={self.client.cookies['sessionid']}"
        return connect(
            self._site.socket_url(path),
            origin=self._site.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie},
            max_size=None,
            **options,
        )


@asynccontextmanager
async def visitor(site: Site, person: User) -> AsyncIterator[Visitor]:
    """Signs the person in through the login page of the running site."""
    async with httpx.AsyncClient(base_url=site.url, timeout=ANSWER_SECONDS) as client:
        page = await client.get("/accounts/login/")
        found = TOKEN.search(page.text)
        assert found, "the login page has a form"
        form = {
            "username": person.username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": found[1],
        }
        answer = await client.post("/accounts/login/", data=form)
        assert answer.status_code == 302, "the login page refused the sign-in"
        yield Visitor(site, client)


class Watcher:
    """A page that stays open: it follows a topic and reconnects by itself."""

    def __init__(self, person: Visitor, path: str) -> None:
        self._person, self._path = person, path
        self.board = Board()
        self.snapshots = 0
        self.connections = 0
        self.latest: dict[str, Any] = {}
        self.stalls = 0  # how often the server has said that changes stopped arriving
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._follow_always())

    async def until(self, key: str, **fields: Any) -> dict[str, Any]:
        """Waits until this row is shown with these values; returns the row."""

        def shown() -> bool:
            row = self.board.rows.get(key)
            return row is not None and fields.items() <= row.items()

        async with asyncio.timeout(ANSWER_SECONDS), self._changed:
            await self._changed.wait_for(shown)
        return self.board.rows[key]

    async def until_connected(self, times: int) -> None:
        """Waits until the socket has been opened and welcomed this many times."""
        async with asyncio.timeout(ANSWER_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.connections >= times)

    async def until_stalled(self, within: float) -> datetime:
        """Waits for so many seconds until the page may be old; returns since when."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: STALLED in self.latest)
        return datetime.fromisoformat(self.latest[STALLED]["since"])

    async def until_live(self, within: float) -> None:
        """Waits for so many seconds until changes arrive again."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: STALLED not in self.latest)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow_always(self) -> None:
        while True:
            try:
                async with self._person.socket(self._path) as socket:
                    await self._follow(socket)
            except (OSError, ConnectionClosed, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "epoch": self.board.epoch, "position": self.board.position}
        asyncapi.check(self._path, hello)
        await socket.send(json.dumps(hello))
        async for text in socket:
            frame = json.loads(text)
            asyncapi.check(self._path, frame)
            async with self._changed:
                self.connections += frame["type"] == "welcome"
                self.snapshots += frame["type"] == "snapshot"
                self.board = self.board.apply(frame)
                self._receive_latest(frame)
                assert not self.board.stale, f"positions are missing before {frame}"
                self._changed.notify_all()

    def _receive_latest(self, frame: Mapping[str, Any]) -> None:
        if frame["type"] == "welcome":
            self.latest.clear()
        for item in frame.get("items", ()):
            if item["row"] is None:
                self.latest.pop(item["key"], None)
            else:
                self.stalls += item["key"] == STALLED and STALLED not in self.latest
                self.latest[item["key"]] = item["row"]


@asynccontextmanager
async def watching(person: Visitor, path: str) -> AsyncIterator[Watcher]:
    """Opens a page on a topic; yields when it shows its first rows."""
    watcher = Watcher(person, path)
    try:
        await watcher.until_connected(1)
        yield watcher
    finally:
        await watcher.close()
