"""Publishes the summary rows of a topic at most once a second.

Nearly every change of a busy board also changes its counters. Numbered with each of them, they
would be counted and sent fifty times a second, and nobody can read them as fast.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from realtime.log.topics import SUMMARY_KEYS
from realtime.relay.numbering import NumberedChanges

PACE_SECONDS = 1.0


class SummaryPace:
    """Which topics have had summary rows within the last second. For one thread."""

    def __init__(self) -> None:
        self._free_at: dict[str, float] = {}

    def deferred(self) -> list[str]:
        """The topics whose summary rows have to wait."""
        now = monotonic()
        self._free_at = {topic: at for topic, at in self._free_at.items() if at > now}
        return list(self._free_at)

    def note(self, numbered: Iterable[NumberedChanges]) -> None:
        """Defer the next summary rows of topics that have some among these changes."""
        free_at = monotonic() + PACE_SECONDS
        for part in numbered:
            if any(key.startswith(SUMMARY_KEYS) for key in part.keys):
                self._free_at[part.topic] = free_at

    def wait_seconds(self, longest: float) -> float:
        """The time until a topic is free again, at most `longest`."""
        return max(0.0, min([longest, *(at - monotonic() for at in self._free_at.values())]))
