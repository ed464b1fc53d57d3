"""Who is watching a topic, over all processes. Latest wins: repeated every few seconds, never
stored.

Each process tells the others of its own viewers; one that falls silent is forgotten with them.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from realtime.topics import Row

REPEAT_SECONDS = 10.0
SILENT_SECONDS = 30.0
LINGER_SECONDS = 5.0  # a reload should not make a face blink

Announce = Callable[[str, dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Viewer:
    """One person on one topic in this process, on one or more sockets."""

    user_id: int
    name: str
    initials: str
    watching: str | None = None
    sockets: int = 0
    leaves_at: float | None = None

    def row(self) -> Row:
        return {
            "key": f"presence:{self.user_id}",
            "kind": "presence",
            "version": 0,
            "user": self.user_id,
            "name": self.name,
            "initials": self.initials,
            "watching": self.watching,
        }


@dataclass(slots=True)
class Heard:
    """What one process said last of a topic, and when."""

    at: float
    rows: dict[str, Row] = field(default_factory=dict)


class Presence:
    """This process's viewers, and what the others say of theirs."""

    def __init__(self, process: str, announce: Announce) -> None:
        self._process = process
        self._announce = announce
        self._own: dict[str, dict[int, Viewer]] = defaultdict(dict)
        self._heard: dict[str, dict[str, Heard]] = defaultdict(dict)

    async def join(self, topic: str, user_id: int, name: str, initials: str) -> None:
        viewer = self._own[topic].setdefault(user_id, Viewer(user_id, name, initials))
        viewer.sockets += 1
        viewer.leaves_at = None
        await self._tell(topic)

    async def leave(self, topic: str, user_id: int) -> None:
        """The socket is gone; the person lingers a moment, in case it is only a reload."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None:
            viewer.sockets -= 1
            if viewer.sockets <= 0:
                viewer.leaves_at = time.monotonic() + LINGER_SECONDS

    async def watch(self, topic: str, user_id: int, key: str | None) -> None:
        """This person has this row open, or none."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None and viewer.watching != key:
            viewer.watching = key
            await self._tell(topic)

    async def run(self) -> None:
        """Repeat what is, and let those go who have not come back."""
        repeat_at = time.monotonic() + REPEAT_SECONDS
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            changed = self._let_go(now)
            if now >= repeat_at:
                repeat_at = now + REPEAT_SECONDS
                changed = {topic for topic, viewers in self._own.items() if viewers}
            for topic in changed:
                await self._tell(topic)
                if not self._own[topic]:
                    del self._own[topic]

    def _let_go(self, now: float) -> set[str]:
        changed = set()
        for topic, viewers in list(self._own.items()):
            gone = [v.user_id for v in viewers.values() if v.leaves_at and v.leaves_at <= now]
            for user_id in gone:
                del viewers[user_id]
                changed.add(topic)
        return changed

    async def _tell(self, topic: str) -> None:
        rows = [viewer.row() for viewer in self._own[topic].values()]
        message = {"type": "realtime.presence", "process": self._process, "rows": rows}
        await self._announce(topic, message)

    def hear(self, message: dict[str, Any]) -> dict[str, Row | None]:
        """Take in what a process says of a topic; answers what is new, None for those who left."""
        processes = self._heard[message["topic"]]
        before = _merged(processes)
        rows = {row["key"]: row for row in message["rows"]}
        processes[message["process"]] = Heard(time.monotonic(), rows)
        return _difference(before, _merged(processes))

    def expire(self) -> dict[str, dict[str, Row | None]]:
        """Forget processes that have fallen silent; answers by topic what that changes."""
        limit = time.monotonic() - SILENT_SECONDS
        changed = {}
        for topic, processes in self._heard.items():
            before = _merged(processes)
            for process in [p for p, heard in processes.items() if heard.at < limit]:
                del processes[process]
            if difference := _difference(before, _merged(processes)):
                changed[topic] = difference
        return changed


def _merged(processes: dict[str, Heard]) -> dict[str, Row]:
    merged: dict[str, Row] = {}
    for heard in sorted(processes.values(), key=lambda heard: heard.at):
        merged |= heard.rows
    return merged


def _difference(before: dict[str, Row], after: dict[str, Row]) -> dict[str, Row | None]:
    changed: dict[str, Row | None] = {
        key: row for key, row in after.items() if before.get(key) != row
    }
    return changed | {key: None for key in before if key not in after}
