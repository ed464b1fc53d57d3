"""How much one socket, person, address or process may ask for."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

MESSAGES_PER_SECOND = 20.0  # five acknowledgements, and a person who clicks as fast as he can
MESSAGE_BURST = 60.0
PERSONAL_RATE_IN_SOCKETS = 10  # one person's sockets share what so many of them may send
PERSONAL_BURST = 2400.0  # all the sockets a person may hold say hello at once, and more
HANDSHAKES_PER_SECOND = 500.0  # more at once is a storm that the clients' back-off spreads
HANDSHAKE_BURST = 4000.0


@dataclass(slots=True, weakref_slot=True)
class TokenBucket:
    """Allows `rate` per second on average, and `burst` at once."""

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._filled_at = self.burst, time.monotonic()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = time.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Caps:
    """How many of something may be open at once, by kind and key."""

    def __init__(self, **limits: int) -> None:
        self._limits = limits
        self._open: Counter[tuple[str, object]] = Counter()

    def enter(self, kind: str, key: object = None) -> bool:
        """Count one in, if there is room."""
        if self._open[kind, key] >= self._limits[kind]:
            return False
        self._open[kind, key] += 1
        return True

    def leave(self, kind: str, key: object = None) -> None:
        """Count one out that was counted in."""
        self._open[kind, key] -= 1
        if self._open[kind, key] <= 0:
            del self._open[kind, key]
