"""Who may ask the API how often: a burst and a day, for an address or for a person.

Requests are counted per window of the clock, in Redis, so that all web processes share one count.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from monitoring.metrics import CACHE_REQUESTS
from realtime.breaker import Breaker

logger = logging.getLogger(__name__)

UNCOUNTED_SECONDS = 5.0  # without Redis nobody is held up by the counting
_breaker = Breaker(UNCOUNTED_SECONDS)


class Budget(SimpleRateThrottle):
    """So many requests within each window; the rate is REST_FRAMEWORK's for this scope.

    DRF's own throttle keeps every request's time in one list, which grows with the rate and
    forgets requests that come at once; a counter does neither.
    """

    num_requests: int
    duration: int  # seconds
    window_ends = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view)
        return key is None or self._spent(key) <= self.num_requests

    def _spent(self, key: str) -> int:
        """How many requests this window has seen, this one included; 0 when nobody can tell."""
        window = int(self.timer() // self.duration)
        self.window_ends = (window + 1) * self.duration
        if _breaker.is_open:
            _count("error")
            return 0
        try:
            spent = one_more(f"{key}:{window}", self.duration)
        except RedisError:
            _breaker.trip()
            _count("error")
            logger.warning("Requests are not counted", extra={"action": "budget_unknown"})
            return 0
        _count("hit" if spent > 1 else "miss")
        return spent

    def wait(self) -> float:
        """Seconds until the next window."""
        return max(self.window_ends - self.timer(), 1)

    def of(self, subject: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": subject}


def _count(outcome: str) -> None:
    CACHE_REQUESTS.labels("budgets", outcome).inc()


def one_more(key: str, seconds: int) -> int:
    """Count up a number that is forgotten after a while."""
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # forgotten between the two
        return 1


class AnonymousBudget(Budget):
    """Counts requests of nobody in particular, by address."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return None if request.user.is_authenticated else self.of(self.get_ident(request))


class PersonalBudget(Budget):
    """Counts requests of a person who is signed in, from wherever they come."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return self.of(request.user.pk) if request.user.is_authenticated else None


class AnonymousBurst(AnonymousBudget):
    scope = "anonymous_burst"


class AnonymousDay(AnonymousBudget):
    scope = "anonymous_day"


class PersonalBurst(PersonalBudget):
    scope = "personal_burst"


class PersonalDay(PersonalBudget):
    scope = "personal_day"


def wait_of_anonymous(request: Request, view: Any) -> float | None:
    """Seconds that a refused visitor must wait, or None while his budget lasts.

    DRF asks its throttles after it has refused who is not signed in, so that a flood of such
    requests would never be counted; the exception handler asks here.
    """
    budgets = [AnonymousBurst(), AnonymousDay()]
    waits = [one.wait() for one in budgets if not one.allow_request(request, view)]
    return max(waits, default=None)
