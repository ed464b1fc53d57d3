"""Limits on what one socket, user, client address or process may use."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

MESSAGES_PER_SECOND = 20.0  # per socket: five acknowledgements, and somebody clicking very fast
MESSAGE_BURST = 60.0
USER_RATE_IN_SOCKETS = 10  # all sockets of a user together may send as much as this many sockets
USER_BURST = 2400.0  # more than one hello from every socket that a user may have open
HANDSHAKES_PER_SECOND = 500.0  # per process; the clients' back-off spreads what exceeds it
HANDSHAKE_BURST = 4000.0


@dataclass(slots=True, weakref_slot=True)
class TokenBucket:
    """A rate limit: on average `rate` per second, and at most `burst` at once."""

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._filled_at = self.burst, time.monotonic()

    def take(self) -> bool:
        """Take one token. Returns False if there is none left."""
        now = time.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class ConnectionLimits:
    """How many connections may be open at once, by kind of limit and key.

    Example: `ConnectionLimits(process=5000, address=200)` and `acquire("address", "10.0.0.7")`.
    """

    def __init__(self, **limits: int) -> None:
        self._limits = limits
        self._open: Counter[tuple[str, object]] = Counter()

    def acquire(self, kind: str, key: object = None) -> bool:
        """Count one connection. Returns False, without counting it, if the limit is reached."""
        if self._open[kind, key] >= self._limits[kind]:
            return False
        self._open[kind, key] += 1
        return True

    def release(self, kind: str, key: object = None) -> None:
        """Stop counting a connection for which `acquire` returned True."""
        self._open[kind, key] -= 1
        if self._open[kind, key] <= 0:
            del self._open[kind, key]
