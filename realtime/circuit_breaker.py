"""Circuit breaker: after a failure, calls to a server are skipped for a moment."""

from __future__ import annotations

import time


class CircuitBreaker:
    """Open (calls are skipped) for `cooldown_seconds` after each failure."""

    def __init__(self, cooldown_seconds: float) -> None:
        self._cooldown_seconds = cooldown_seconds
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether to skip the call."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        """Report a failed call."""
        self._open_until = time.monotonic() + self._cooldown_seconds
