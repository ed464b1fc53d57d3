"""The rate limiter of the whole product: pages, API, DingTalk robots and wrong passwords.

    RateLimit("dingtalk:autumn", Rate(18, 60)).hit()

It counts in Redis, for all processes together, in a sliding window on Redis's own clock. Rejected
hits do not count. While Redis is down every call raises RedisDown, and the caller decides: pages
let everybody in, DingTalk sends nothing. See decision 0012.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from realtime import site_identity
from realtime.circuit_breaker import CircuitBreaker
from realtime.redis_connection import redis_connection

logger = logging.getLogger(__name__)

UNIT_SECONDS = {"second": 1, "min": 60, "hour": 3600, "day": 24 * 3600}
MICROSECONDS = 1_000_000
REDIS_RETRY_SECONDS = 5.0
_breaker = CircuitBreaker(REDIS_RETRY_SECONDS)

CLOCK = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
"""

# KEYS: lists of the times of recently allowed hits, in microseconds, newest first.
# ARGV: for each key the limit, the window in seconds, and 1 if a hit renews the earlier ones.
# Returns the microseconds to wait for each key.
HIT = f"""{CLOCK}
local waits, refused = {{}}, false
for i, key in ipairs(KEYS) do
  local oldest = redis.call('LINDEX', key, ARGV[3 * i - 2] - 1)
  waits[i] = oldest and math.max(0, oldest + ARGV[3 * i - 1] * 1000000 - now) or 0
  refused = refused or waits[i] > 0
end
if refused then return waits end
local text = string.format('%.0f', now)
for i, key in ipairs(KEYS) do
  local length = redis.call('LPUSH', key, text)
  if ARGV[3 * i] == '1' then
    for place = 1, length - 1 do redis.call('LSET', key, place, text) end
  end
  redis.call('LTRIM', key, 0, ARGV[3 * i - 2] - 1)
  redis.call('EXPIRE', key, ARGV[3 * i - 1])
end
return waits
"""

# One key, its limit and window. Returns the remaining hits and the microseconds to wait.
LOOK = f"""{CLOCK}
local window, hits = ARGV[2] * 1000000, redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
local remaining, wait = tonumber(ARGV[1]), 0
for _, hit in ipairs(hits) do
  if hit + window > now then remaining = remaining - 1 end
end
if remaining == 0 then wait = hits[#hits] + window - now end
return {{remaining, wait}}
"""


class RedisDown(Exception):
    """Redis does not answer, so nothing was counted and nothing is known."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any `seconds` seconds (a sliding window)."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        """The format of the setting RATE_LIMITS, e.g. "60/min"."""
        units = {seconds: unit for unit, seconds in UNIT_SECONDS.items()}
        return f"{self.requests}/{units.get(self.seconds, f'{self.seconds} seconds')}"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The limit of one counter. Every method raises RedisDown.

    key            names the counter in Redis; contains no personal data
    renews_window  each hit restarts the window of the earlier ones, so that a full window must
                   pass after the last hit. For lockouts: each has the same length.
    """

    key: str
    rate: Rate
    renews_window: bool = False

    @property
    def redis_key(self) -> str:
        return f"{site_identity.prefix()}:rate:{self.key}"

    def hit(self) -> float:
        """Counts one hit. Returns 0 if it is allowed, else the seconds to wait."""
        return hit_all([self])[0]

    def remaining(self) -> int:
        """Number of hits that are allowed now. Reads the whole counter: for small limits."""
        return self._look()[0]

    def seconds_to_wait(self) -> float:
        """Seconds until a hit is allowed, 0 if it is allowed now. Counts nothing."""
        return self._look()[1] / MICROSECONDS

    def take_back(self) -> None:
        """Forgets the newest hit."""
        _ask_redis(lambda server: server.lpop(self.redis_key))

    def reset(self) -> None:
        """Forgets all hits."""
        _ask_redis(lambda server: server.delete(self.redis_key))

    def _look(self) -> tuple[int, int]:
        rate = self.rate
        remaining, wait = _run_script(LOOK, [self.redis_key], [rate.requests, rate.seconds])
        return remaining, wait


def hit_all(limits: Sequence[RateLimit]) -> list[float]:
    """Counts one hit against all limits in one step, or against none if one rejects it.

    Returns the seconds to wait for each limit, in order; all 0 if the hit is allowed.
    """
    keys = [limit.redis_key for limit in limits]
    numbers = [
        number
        for limit in limits
        for number in (limit.rate.requests, limit.rate.seconds, int(limit.renews_window))
    ]
    return [wait / MICROSECONDS for wait in _run_script(HIT, keys, numbers)]


def _run_script(script: str, keys: list[str], arguments: list[int]) -> list[int]:
    found: list[int] = _ask_redis(
        lambda server: server.register_script(script)(keys=keys, args=arguments)
    )
    return found


def _ask_redis(call: Callable[[redis.Redis], Any]) -> Any:
    """The result of the call. After a failure it raises RedisDown at once for a few seconds."""
    if _breaker.is_open:
        raise RedisDown
    try:
        return call(redis_connection())
    except redis.RedisError:
        _breaker.trip()
        logger.warning(
            "Redis does not answer: rate limits cannot be counted",
            extra={"action": "rates_unknown"},
        )
        raise RedisDown from None
