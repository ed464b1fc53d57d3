"""A breaker: whoever has just failed to answer is not asked again for a moment."""

from __future__ import annotations

import time


class Breaker:
    """Open for `rest_seconds` after each failure."""

    def __init__(self, rest_seconds: float) -> None:
        self._rest_seconds = rest_seconds
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether to do without for now."""
        return time.monotonic() < self._rests_until

    def trip(self) -> None:
        """It has failed just now."""
        self._rests_until = time.monotonic() + self._rest_seconds
