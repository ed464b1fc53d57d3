"""Frames sent by the server: each function builds one kind of frame as JSON text.

`deploy/docs/asyncapi.yaml` describes the fields of every frame.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from sys import getsizeof
from typing import Any

import orjson
from django.utils import timezone

from realtime.protocol.close_codes import CloseCode

PROTOCOL_VERSION = 1
HEARTBEAT_SECONDS = 25  # office proxies drop a quiet connection after 30
HELLO_WITHIN_SECONDS = 10
MAX_INBOUND_BYTES = 64 * 1024
STALLED = "feed:stalled"  # key of the row that `stalled_row` makes
JSON_VALUES_ONLY = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
FRAME_KINDS = ("welcome", "snapshot", "changes", "latest", "pong", "error", "goodbye")

Row = dict[str, Any]
"""A row as sent in a frame: `key`, `kind`, `version`, then its own fields; plain JSON values."""


def encode(value: object) -> str:
    """Compact JSON, with non-ASCII characters unescaped.

    Raises TypeError for what is no JSON value: times are written by `isoformat`.
    """
    try:
        return orjson.dumps(value, option=JSON_VALUES_ONLY).decode()
    except TypeError:  # also integers above 64 bits, which a client may send as a ref
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class FrameText(str):
    """The JSON text of a frame that may be sent to many sockets.

    kind: one of FRAME_KINDS. size: in bytes of UTF-8. encoded: a place where the server may cache
    its own encoding of the frame.
    """

    __slots__ = ("encoded", "kind", "size")
    encoded: Any
    kind: str
    size: int

    def __new__(cls, kind: str, text: str) -> FrameText:
        frame = super().__new__(cls, text)
        frame.encoded, frame.kind, frame.size = None, kind, len(text.encode())
        return frame


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of a topic from position `first` to `last`, with every row already encoded.

    changes     JSON text of {"key", "version", "row"} by key, in the order of their positions; only
                the last change of each key, so there may be fewer changes than positions
    positions   the last position of each key
    committed_at   ISO time of the oldest commit in the batch
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
        """The fields as a dictionary, from which `Batch(**fields)` makes an equal batch."""
        return {name: getattr(self, name) for name in self.__slots__}

    def size_bytes(self) -> int:
        """The memory that its encoded rows take."""
        return sum(map(getsizeof, self.changes.values()))

    def after(self, position: int) -> Batch:
        """A batch with only the changes that are newer than this position."""
        positions = {key: at for key, at in self.positions.items() if at > position}
        changes = {key: text for key, text in self.changes.items() if key in positions}
        return replace(self, first=position + 1, changes=changes, positions=positions)

    @classmethod
    def folded(cls, batches: Sequence[Batch]) -> Batch:
        """Merge consecutive batches into one that holds only the last change of each key.

        It has the oldest `committed_at`, so that the measured delay is that of the change that
        waited longest.
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
    """An entry of a `changes` frame. row: None if the row has left the topic."""
    version = 0 if row is None else row["version"]
    return encode({"key": key, "version": version, "row": row})


def _frame(kind: str, **fields: Any) -> FrameText:
    return FrameText(kind, encode({"type": kind, **fields}))


def welcome(
    *,
    topic: str,
    epoch: str,
    position: int,
    resumed: bool,
    stalled_since: datetime | None = None,
) -> FrameText:
    """The answer to `hello`. A `changes` frame follows if resumed and behind, else a `snapshot`.

    stalled_since: no changes have arrived since then; None: they do
    """
    return _frame(
        "welcome",
        protocol=PROTOCOL_VERSION,
        topic=topic,
        epoch=epoch,
        position=position,
        resumed=resumed,
        stalled_since=isoformat(stalled_since),
        server_time=timezone.now().isoformat(),
        heartbeat_seconds=HEARTBEAT_SECONDS,
    )


def snapshot(*, topic: str, epoch: str, position: int, rows: Iterable[Row]) -> FrameText:
    """All rows of a topic. They replace everything that the client holds of it."""
    return _frame("snapshot", topic=topic, epoch=epoch, position=position, rows=list(rows))


def latest(topic: str, items: dict[str, Row | None]) -> FrameText:
    """Rows without a position (progress, presence): the newest replaces the previous one."""
    entries = [{"key": key, "row": row} for key, row in items.items()]
    return _frame("latest", topic=topic, items=entries)


def stalled_row(since: datetime | None) -> Row | None:
    """The row of a `latest` frame that says: changes have not arrived since then, or do (None)."""
    if since is None:
        return None
    return {"key": STALLED, "kind": "feed", "version": 0, "since": since.isoformat()}


def pong(ref: Any) -> FrameText:
    return _frame("pong", ref=ref)


def error(code: str, detail: str) -> FrameText:
    return _frame("error", code=code, detail=detail)


def goodbye(code: CloseCode, retry_after_ms: int) -> FrameText:
    """Announces that the server is about to close the socket with this code."""
    return _frame("goodbye", code=int(code), retry_after_ms=retry_after_ms)


def isoformat(moment: datetime | None) -> str | None:
    """The time as it is written in rows: ISO 8601, or None."""
    return None if moment is None else moment.isoformat()
