"""What a crowd of watchers has counted: frames, changes, bytes, holes, delays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FROM_TO = re.compile(rb'"from":(\d+),"to":(\d+)')
COMMITTED_AT = re.compile(rb'"committed_at": ?"([^"]+)"')


def committed_at(payload: memoryview) -> float:
    """When the change in this frame was committed, in seconds since 1970."""
    found = COMMITTED_AT.search(payload)
    assert found is not None, "every frame says when its change was committed"
    return datetime.fromisoformat(found[1].decode()).timestamp()


def percentile(values: list[float], percent: float) -> float:
    """The value that this share of them does not exceed; 0 without values."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0


@dataclass(slots=True)
class Tally:
    """delivered: one change of one row, arrived at one socket, counted by positions; carried_share:
    the part of them that came as a row of its own, since a newer row stands for the ones before.
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
        """A frame that was read in full: so many rows for so many positions."""
        self.carried += carried
        self.sampled += positions

    def delay(self, seconds: float) -> None:
        """From the commit of the oldest change in a frame to its arrival."""
        self.delays.append(seconds)

    def arrival(self, last: int, moment: float) -> None:
        """One socket has the frame that leads to this position."""
        self.arrivals.setdefault(last, []).append(moment)

    def content(self, last: int, changes: list[dict[str, Any]]) -> None:
        """What that frame holds, the same for every socket: `interview:17@3` is its version 3."""
        self.contents[last] = [f"{change['key']}@{change['version']}" for change in changes]

    def since(self, commits: dict[str, float]) -> dict[str, Any]:
        """From each commit (`key@version` → seconds since 1970) to its arrival at each socket."""
        shown: dict[str, int] = {}
        for last in sorted(self.contents):  # a neighbour's change sends the same version again
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
