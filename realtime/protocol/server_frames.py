"""What goes over the socket: close codes and frames, with the client's duty for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.utils import timezone

from realtime.log.topics import Row

PROTOCOL_VERSION = 1
HEARTBEAT_SECONDS = 25  # office proxies drop a quiet connection after 30
HELLO_WITHIN_SECONDS = 10
MAX_INBOUND_BYTES = 64 * 1024


class CloseCode(IntEnum):
    """Why the server closed. Below 4500, except 4400: come back; from 4500: stay away."""

    GOING_AWAY = 4001  # come back after retry_after_ms
    SLOW_READER = 4008  # come back, resume
    POSITION_LOST = 4010  # come back, take a snapshot
    TOO_MUCH = 4029  # come back later
    BROKEN_PROTOCOL = 4400  # stop, report
    SIGNED_OUT = 4501  # stop, sign in
    NOT_ALLOWED = 4503  # stop


def encode(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class FrameText(str):
    """The text of a frame, which may go to many sockets, with its kind and its size in bytes.

    encoded: a server may keep its own encoding of it here.
    """

    __slots__ = ("encoded", "kind", "size")
    encoded: Any
    kind: str
    size: int

    def __new__(cls, kind: str, text: str) -> FrameText:
        frame = super().__new__(cls, text)
        frame.encoded, frame.kind, frame.size = None, kind, len(text.encode())
        return frame


FRAME_KINDS = ("welcome", "snapshot", "changes", "latest", "pong", "error", "goodbye")
WEBSOCKET_CODES = (1000, 1001, 1005, 1006, 1009, 1011, 1012)  # of RFC 6455: what is met in practice


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of positions `first`…`last` of a topic, each row encoded once.

    changes: key → JSON text of {"key","version","row"}, in the order of positions; folded, so
    there may be fewer than positions. positions: key → its last position.
    """

    topic: str
    epoch: str
    first: int
    last: int
    changes: dict[str, str]
    positions: dict[str, int]
    committed_at: str

    def text(self) -> FrameText:
        """The `changes` frame."""
        head = encode(
            {
                "type": "changes",
                "topic": self.topic,
                "epoch": self.epoch,
                "from": self.first,
                "to": self.last,
                "committed_at": self.committed_at,
            }
        )
        changes = ",".join(self.changes.values())
        return FrameText("changes", f'{head[:-1]},"changes":[{changes}]}}')

    def message(self) -> dict[str, Any]:
        """What `Batch(**…)` takes."""
        return {name: getattr(self, name) for name in self.__slots__}

    def after(self, position: int) -> Batch:
        """The part of it that is newer than a position."""
        positions = {key: at for key, at in self.positions.items() if at > position}
        changes = {key: text for key, text in self.changes.items() if key in positions}
        return replace(self, first=position + 1, changes=changes, positions=positions)

    @classmethod
    def folded(cls, batches: Sequence[Batch]) -> Batch:
        """One batch for several that follow each other: of each key the last change, where it was
        made; the oldest commit, so that nobody's wait is shortened in the counting.
        """
        if len(batches) == 1:
            return batches[0]
        changes: dict[str, str] = {}
        positions: dict[str, int] = {}
        for batch in batches:
            for key, text in batch.changes.items():
                changes.pop(key, None)
                changes[key] = text
            positions |= batch.positions
        return replace(
            batches[-1],
            first=batches[0].first,
            changes=changes,
            positions=positions,
            committed_at=batches[0].committed_at,
        )


def encode_change(key: str, row: Row | None) -> str:
    version = 0 if row is None else row["version"]
    return encode({"key": key, "version": version, "row": row})


def _frame(kind: str, **fields: Any) -> FrameText:
    return FrameText(kind, encode({"type": kind, **fields}))


def welcome(*, topic: str, epoch: str, position: int, resumed: bool) -> FrameText:
    return _frame(
        "welcome",
        protocol=PROTOCOL_VERSION,
        topic=topic,
        epoch=epoch,
        position=position,
        resumed=resumed,
        server_time=timezone.now().isoformat(),
        heartbeat_seconds=HEARTBEAT_SECONDS,
    )


def snapshot(*, topic: str, epoch: str, position: int, rows: Iterable[Row]) -> FrameText:
    return _frame("snapshot", topic=topic, epoch=epoch, position=position, rows=list(rows))


def latest(topic: str, items: dict[str, Row | None]) -> FrameText:
    told = [{"key": key, "row": row} for key, row in items.items()]
    return _frame("latest", topic=topic, items=told)


def pong(ref: Any) -> FrameText:
    return _frame("pong", ref=ref)


def error(code: str, detail: str) -> FrameText:
    return _frame("error", code=code, detail=detail)


def goodbye(code: CloseCode, retry_after_ms: int) -> FrameText:
    return _frame("goodbye", code=int(code), retry_after_ms=retry_after_ms)


def isoformat(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
