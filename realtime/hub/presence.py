"""Who is watching a topic, over all processes. Latest wins: repeated every few seconds, never
stored.

Each process tells the others of its own viewers; one that falls silent is forgotten with them.
Whatever comes and goes within a second is told at once, and only so many faces are told at all:
what a board costs its watchers does not grow with their number.
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
SILENT_SECONDS = 10.0  # three repeats lost
LINGER_SECONDS = 5.0  # a reload should not make a face blink
FACES_TOLD = 24  # nobody reads more; the others are a number
PREFIX = "presence:"
OTHERS = f"{PREFIX}others"

Announce = Callable[[str, dict[str, Any]], Awaitable[None]]
Show = Callable[[str, dict[str, Row]], None]


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
            "key": f"{PREFIX}{self.user_id}",
            "kind": "presence",
            "version": 0,
            "user": self.user_id,
            "name": self.name,
            "initials": self.initials,
            "watching": self.watching,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """What one process said last of a topic, and when: some faces, and how many viewers in all."""

    at: float
    rows: list[Row]
    count: int


class Presence:
    """This process's viewers, and what the others say of theirs.

    announce   tells the other processes, and may lose what it is told
    show       draws all presence rows of a topic for this process's own readers
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
        self._heard: dict[str, dict[str, Heard]] = defaultdict(dict)
        self._untold: set[str] = set()  # topics whose own viewers have changed
        self._unshown: set[str] = set()  # topics of which anybody has said something

    async def join(self, topic: str, user_id: int, name: str, initials: str) -> None:
        viewer = self._own[topic].setdefault(user_id, Viewer(user_id, name, initials))
        viewer.sockets += 1
        viewer.leaves_at = None
        self._untold.add(topic)

    async def leave(self, topic: str, user_id: int) -> None:
        """The socket is gone; the person lingers a moment, in case it is only a reload."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None:
            viewer.sockets -= 1
            if viewer.sockets <= 0:
                viewer.leaves_at = self._now() + LINGER_SECONDS

    async def watch(self, topic: str, user_id: int, key: str | None) -> None:
        """This person has this row open, or none."""
        viewer = self._own[topic].get(user_id)
        if viewer is not None and viewer.watching != key:
            viewer.watching = key
            self._untold.add(topic)

    def hear(self, message: dict[str, Any]) -> None:
        """Take in what a process says of a topic. A newcomer is told of ours in return."""
        topic, process = message["topic"], message["process"]
        if process not in self._heard[topic] and topic in self._own:
            self._untold.add(topic)
        self._heard[topic][process] = Heard(self._now(), message["rows"], message["count"])
        self._unshown.add(topic)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Let go who has not come back, forget who is silent; tell and show what is new, once."""
        now = self._now()
        self._let_go(now)
        self._forget_silent(now)
        if now >= self._repeat_at:
            self._repeat_at = now + REPEAT_SECONDS
            self._untold |= self._own.keys()
        messages = {topic: self._message(topic) for topic in self._untold}
        self._untold.clear()
        for message in messages.values():
            self.hear(message)
        self._untold.clear()  # nobody answers himself
        self._show_news()
        await asyncio.gather(*(self._announce(topic, said) for topic, said in messages.items()))

    def _let_go(self, now: float) -> None:
        for topic, viewers in self._own.items():
            gone = [v.user_id for v in viewers.values() if v.leaves_at and v.leaves_at <= now]
            for user_id in gone:
                del viewers[user_id]
                self._untold.add(topic)

    def _forget_silent(self, now: float) -> None:
        for topic, processes in self._heard.items():
            for process in [p for p, said in processes.items() if said.at < now - SILENT_SECONDS]:
                del processes[process]
                self._unshown.add(topic)

    def _message(self, topic: str) -> dict[str, Any]:
        """What we say of a topic: the last word, if nobody is left."""
        viewers = self._own[topic].values()
        rows = _faces(viewer.row() for viewer in viewers)
        if not viewers:
            del self._own[topic]
        return {
            "type": "realtime.presence",
            "topic": topic,
            "process": self._process,
            "rows": rows,
            "count": len(viewers),
        }

    def _show_news(self) -> None:
        for topic in self._unshown:
            self._show(topic, _merged(self._heard[topic]))
            if not self._heard[topic]:
                del self._heard[topic]
        self._unshown.clear()


def news(shown: Mapping[str, Row], rows: dict[str, Row]) -> dict[str, Row | None]:
    """What must be sent to those who were shown the one, that they see the other; None: gone."""
    changed: dict[str, Row | None] = {k: row for k, row in rows.items() if shown.get(k) != row}
    return changed | {k: None for k in shown if k.startswith(PREFIX) and k not in rows}


def _faces(rows: Iterable[Row]) -> list[Row]:
    """Those who are told, the same in every process: first whoever has something open."""
    return sorted(rows, key=lambda row: (row["watching"] is None, row["user"]))[:FACES_TOLD]


def _merged(processes: dict[str, Heard]) -> dict[str, Row]:
    """One row for each face, whatever the number of his processes, and one for all others.

    Somebody counted twice beyond the faces stays counted twice: a number that large is a hint.
    """
    said = [row for process in sorted(processes) for row in processes[process].rows]
    by_key: dict[str, Row] = {}
    for row in sorted(said, key=lambda row: row["watching"] is not None):
        by_key[row["key"]] = row  # of two the one with something open
    faces = {row["key"]: row for row in _faces(by_key.values())}
    twice = len(said) - len(by_key)
    others = sum(heard.count for heard in processes.values()) - twice - len(faces)
    if others > 0:
        faces[OTHERS] = {"key": OTHERS, "kind": "presence_count", "version": 0, "count": others}
    return faces
