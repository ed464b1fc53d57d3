"""Presence: the users who are viewing a topic, in all processes.

Each process publishes its own viewers every few seconds, and forgets those of a process that falls
silent. Nothing is stored. Changes within one second are published together, and at most
MAX_VIEWERS_SHOWN viewers are listed, so that the traffic does not grow with their number.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime.protocol.server_frames import Row

TICK_SECONDS = 1.0
REPEAT_SECONDS = 3.0
SILENT_SECONDS = 10.0  # three lost repeats
LINGER_SECONDS = 5.0  # a viewer who only reloads the page must not disappear and come back
MAX_VIEWERS_SHOWN = 24  # of further viewers only the number is shown
PREFIX = "presence:"
OTHERS = f"{PREFIX}others"

Announce = Callable[[str, dict[str, Any]], Awaitable[None]]
Show = Callable[[str, dict[str, Row]], None]


@dataclass(slots=True)
class Viewer:
    """A user who views a topic on one or more sockets of this process."""

    user_id: int
    name: str
    initials: str
    watching: str | None = None
    sockets: int = 0
    leaves_at: float | None = None

    def row(self) -> Row:
        return {
            "key": f"{PREFIX}{self.user_id}",
            "kind": "presence",
            "version": 0,
            "user": self.user_id,
            "name": self.name,
            "initials": self.initials,
            "watching": self.watching,
        }


@dataclass(frozen=True, slots=True)
class ProcessViewers:
    """The viewers of a topic as a process last published them: some rows, and the total number."""

    received_at: float
    rows: list[Row]
    count: int


class Presence:
    """The viewers in this process, and those that the other processes have published.

    announce   publishes a message to the other processes; it may get lost
    show       sends all presence rows of a topic to the readers in this process
    """

    def __init__(
        self,
        process: str,
        announce: Announce,
        show: Show,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._process = process
        self._announce = announce
        self._show = show
        self._now = now
        self._repeat_at = now()
        self._own: dict[str, dict[int, Viewer]] = defaultdict(dict)
        self._published: dict[str, dict[str, ProcessViewers]] = defaultdict(dict)
        self._to_publish: set[str] = set()  # topics whose viewers in this process have changed
        self._to_show: set[str] = set()  # topics whose viewers in any process have changed

    async def join(self, topic: str, user_id: int, name: str, initials: str) -> None:
        """A socket of this user has opened the topic."""
        viewer = self._own[topic].setdefault(user_id, Viewer(user_id, name, initials))
        viewer.sockets += 1
        viewer.leaves_at = None
        self._to_publish.add(topic)

    async def leave(self, topic: str, user_id: int) -> None:
        """A socket of this user has closed. The viewer stays for LINGER_SECONDS."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None:
            viewer.sockets -= 1
            if viewer.sockets <= 0:
                viewer.leaves_at = self._now() + LINGER_SECONDS

    async def watch(self, topic: str, user_id: int, key: str | None) -> None:
        """The user has opened the row with this key, or has closed it (None)."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None and viewer.watching != key:
            viewer.watching = key
            self._to_publish.add(topic)

    def receive(self, message: dict[str, Any]) -> None:
        """Take in a message of a process. If it is new here, publish this process's viewers too."""
        topic, process = message["topic"], message["process"]
        if process not in self._published[topic] and topic in self._own:
            self._to_publish.add(topic)
        viewers = ProcessViewers(self._now(), message["rows"], message["count"])
        self._published[topic][process] = viewers
        self._to_show.add(topic)

    async def run(self) -> None:
        """Tick every second, until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Remove viewers who have left and processes that are silent; publish and show changes."""
        now = self._now()
        self._remove_departed(now)
        self._remove_silent(now)
        if now >= self._repeat_at:
            self._repeat_at = now + REPEAT_SECONDS
            self._to_publish |= self._own.keys()
        messages = {topic: self._message(topic) for topic in self._to_publish}
        for message in messages.values():
            self.receive(message)
        self._to_publish.clear()  # after receive(), which would answer this process's own message
        self._show_changes()
        await asyncio.gather(*(self._announce(topic, one) for topic, one in messages.items()))

    def _remove_departed(self, now: float) -> None:
        for topic, viewers in self._own.items():
            gone = [v.user_id for v in viewers.values() if v.leaves_at and v.leaves_at <= now]
            for user_id in gone:
                del viewers[user_id]
                self._to_publish.add(topic)

    def _remove_silent(self, now: float) -> None:
        for topic, processes in self._published.items():
            last = now - SILENT_SECONDS
            for process in [name for name, one in processes.items() if one.received_at < last]:
                del processes[process]
                self._to_show.add(topic)

    def _message(self, topic: str) -> dict[str, Any]:
        """This process's viewers of a topic. Forgets the topic if there are none left."""
        viewers = self._own[topic].values()
        rows = _listed(viewer.row() for viewer in viewers)
        if not viewers:
            del self._own[topic]
        return {
            "type": "realtime.presence",
            "topic": topic,
            "process": self._process,
            "rows": rows,
            "count": len(viewers),
        }

    def _show_changes(self) -> None:
        for topic in self._to_show:
            self._show(topic, _merged(self._published[topic]))
            if not self._published[topic]:
                del self._published[topic]
        self._to_show.clear()


def changed_rows(shown: Mapping[str, Row], rows: dict[str, Row]) -> dict[str, Row | None]:
    """The presence rows to send to readers who see `shown` and should see `rows`; None: gone."""
    changed: dict[str, Row | None] = {k: row for k, row in rows.items() if shown.get(k) != row}
    return changed | {k: None for k in shown if k.startswith(PREFIX) and k not in rows}


def _listed(rows: Iterable[Row]) -> list[Row]:
    """The viewers to list, first those with a row open. Every process chooses the same ones."""
    return sorted(rows, key=lambda row: (row["watching"] is None, row["user"]))[:MAX_VIEWERS_SHOWN]


def _merged(processes: dict[str, ProcessViewers]) -> dict[str, Row]:
    """One row for each listed viewer, and one with the number of the others.

    A viewer of several processes has one row. Among the others they count once per process, which
    does not matter in a number that large.
    """
    rows = [row for process in sorted(processes) for row in processes[process].rows]
    by_key: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row["watching"] is not None):
        by_key[row["key"]] = row  # the row with something open replaces the one without
    listed = {row["key"]: row for row in _listed(by_key.values())}
    duplicates = len(rows) - len(by_key)
    others = sum(one.count for one in processes.values()) - duplicates - len(listed)
    if others > 0:
        listed[OTHERS] = {"key": OTHERS, "kind": "presence_count", "version": 0, "count": others}
    return listed
