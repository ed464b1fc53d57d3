"""Counters of the simulated clients: frames, changes, bytes, gaps, delays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FROM_TO = re.compile(rb'"from":(\d+),"to":(\d+)')
COMMITTED_AT = re.compile(rb'"committed_at": ?"([^"]+)"')


def committed_at(payload: memoryview) -> float:
    """Returns when the change in this frame was committed, in seconds since 1970."""
    found = COMMITTED_AT.search(payload)
    assert found is not None, "every frame has the commit time of its change"
    return datetime.fromisoformat(found[1].decode()).timestamp()


def percentile(values: list[float], percent: float) -> float:
    """Returns the value that this share of them does not exceed; 0 without values."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0


@dataclass(slots=True)
class ClientCounts:
    """Counters of all sockets in a process.

    delivered: changes of rows that arrived at sockets, counted by positions. carried_share: the
    part of them that arrived as their own row, since a newer row replaces earlier ones.
    """

    delivered: int = 0
    frames: int = 0
    bytes: int = 0
    holes: int = 0
    lost: int = 0
    retries: int = 0
    carried: int = 0
    sampled: int = 0
    delays: list[float] = field(default_factory=list)
    arrivals: dict[int, list[float]] = field(default_factory=dict)
    contents: dict[int, list[str]] = field(default_factory=dict)

    def frame(self, changes: int, size: int) -> None:
        self.delivered += changes
        self.frames += 1
        self.bytes += size

    def sample(self, carried: int, positions: int) -> None:
        """Counts a frame that was parsed: so many rows for so many positions."""
        self.carried += carried
        self.sampled += positions

    def delay(self, seconds: float) -> None:
        """Adds the time from the commit of a frame's oldest change to its arrival, in seconds."""
        self.delays.append(seconds)

    def arrival(self, last: int, moment: float) -> None:
        """Records that one socket has the frame that ends at this position."""
        self.arrivals.setdefault(last, []).append(moment)

    def content(self, last: int, changes: list[dict[str, Any]]) -> None:
        """Records that frame's changes, equal for every socket: `interview:17@3` is version 3."""
        self.contents[last] = [f"{change['key']}@{change['version']}" for change in changes]

    def since(self, commits: dict[str, float]) -> dict[str, Any]:
        """Measures from commits (`key@version` → seconds since 1970) to their arrivals."""
        shown: dict[str, int] = {}
        for last in sorted(self.contents):  # a change of a related row sends the same version again
            for one in self.contents[last]:
                shown.setdefault(one, last)
        found = [(at, shown[one]) for one, at in commits.items() if one in shown]
        delays = [arrived - at for at, last in found for arrived in self.arrivals[last]]
        return {
            "found": len(found),
            "arrivals": len(delays),
            "p50_ms": percentile(delays, 50) * 1000,
            "p99_ms": percentile(delays, 99) * 1000,
        }

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc]

    def report(self) -> dict[str, Any]:
        return {
            "delivered": self.delivered,
            "frames": self.frames,
            "bytes": self.bytes,
            "holes": self.holes,
            "lost": self.lost,
            "carried_share": self.carried / self.sampled if self.sampled else 1.0,
            "p50_ms": percentile(self.delays, 50) * 1000,
            "p99_ms": percentile(self.delays, 99) * 1000,
        }
