"""The rows that a browser holds, in Python: the counterpart of realtime/static/realtime/stream.js.

Both run the vectors of tests/vectors/apply.json, so a contract proven with one holds for the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

Row = dict[str, Any]


class HasText(Protocol):
    """A frame that can render its text, such as a Snapshot or a Batch."""

    def text(self) -> str: ...


Frame = Mapping[str, Any] | str | HasText


@dataclass(frozen=True, slots=True)
class Board:
    """The rows of a topic as one browser holds them."""

    epoch: str | None = None
    position: int | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    stale: bool = False

    @classmethod
    def from_snapshot(cls, frame: Frame) -> Self:
        """Returns the board that a `snapshot` frame describes."""
        read = parsed(frame)
        rows = {row["key"]: row for row in read["rows"]}
        return cls(epoch=read["epoch"], position=read["position"], rows=rows)

    def apply(self, frame: Frame) -> Board:
        """Returns the board after this frame; the same object if the frame brings nothing new."""
        read = parsed(frame)
        if read["type"] == "snapshot":
            return Board.from_snapshot(read)
        if read["type"] != "changes":
            return self
        if self.position is None or read["epoch"] != self.epoch:
            return replace(self, stale=True)
        if read["to"] <= self.position:
            return self
        if read["from"] > self.position + 1:
            return replace(self, stale=True)
        rows = changed(self.rows, read["changes"])
        return replace(self, position=read["to"], rows=rows, stale=False)


def parsed(frame: Frame) -> Mapping[str, Any]:
    """Returns a frame's fields, read from its JSON text where it has one, as a browser does."""
    if isinstance(frame, Mapping):
        return frame
    read: dict[str, Any] = json.loads(frame if isinstance(frame, str) else frame.text())
    return read


def changed(rows: dict[str, Row], changes: list[dict[str, Any]]) -> dict[str, Row]:
    after = dict(rows)
    for change in changes:
        key, row = change["key"], change["row"]
        if row is None:
            after.pop(key, None)
        elif key not in after or row["version"] >= after[key]["version"]:
            after[key] = row
    return after
