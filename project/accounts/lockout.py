"""Lockout after too many wrong passwords, per user name and client address.

django-axes calls `Lockout` before each sign-in and after it succeeds or fails; the counting is done
here. An attempt is counted before its password is checked, and a correct password resets the count.
So the limit also holds when many attempts arrive at once. The counts are in Redis under a hash of
name and address and expire; no personal data is stored. Axes would log user names, so the settings
silence its logger; operations have the metric `recruit_rate_limited_requests_total` instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import redis
from axes.handlers.base import AxesHandler
from axes.helpers import get_client_cache_keys
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from redis.commands.core import Script

from monitoring.http.client_address import address_of, client_network
from monitoring.metrics.metrics import RATE_LIMITED_REQUESTS
from realtime.circuit_breaker import CircuitBreaker
from realtime.http.rate_limits import REDIS_RETRY_SECONDS, redis_connection, too_many_requests

T = TypeVar("T")
SCOPE = "lock_out"
_breaker = CircuitBreaker(REDIS_RETRY_SECONDS)

# KEYS: the count of a name and address. ARGV: the limit, and the length of the lockout in seconds.
# Each attempt up to the limit restarts the expiry; refused attempts do not prolong the lockout.
COUNT_SCRIPT = """
local tries = redis.call('INCR', KEYS[1])
if tries <= tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return tries
"""


class Lockout(AxesHandler):
    """The handler for django-axes. While Redis is down, nobody is locked out."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Count this attempt, before the password check; return True if it is over the limit."""
        request.attempts = _ask_redis(lambda: _count_attempt(request, credentials), default=None)
        return (request.attempts or 0) > settings.AXES_FAILURE_LIMIT

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        attempts = getattr(request, "attempts", None)
        if attempts is None:
            RATE_LIMITED_REQUESTS.labels(SCOPE, "uncounted").inc()
            return
        request.axes_locked_out = attempts >= settings.AXES_FAILURE_LIMIT
        request.axes_credentials = credentials
        outcome = "refused" if request.axes_locked_out else "allowed"
        RATE_LIMITED_REQUESTS.labels(SCOPE, outcome).inc()

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        key = _key(request, {"username": user.get_username()})
        _ask_redis(lambda: redis_connection().delete(key), default=None)


def _count_attempt(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    seconds = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds())
    arguments = (settings.AXES_FAILURE_LIMIT, seconds)
    return int(_count_script()(keys=[_key(request, credentials)], args=arguments))


def _key(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    (digest,) = get_client_cache_keys(request, credentials)
    return f"recruit:{digest}"


@cache
def _count_script() -> Script:
    return redis_connection().register_script(COUNT_SCRIPT)


def _ask_redis(command: Callable[[], T], *, default: T) -> T:
    """Return the result of the command, or the default while Redis is down."""
    if _breaker.is_open:
        return default
    try:
        return command()
    except redis.RedisError:
        _breaker.trip()
        return default


def client_key(request: HttpRequest) -> str:
    """Return the client address, or its network, as axes uses it in its keys.

    Axes appends it to the user name without a separator; the "@" keeps "lin6" at 1.2.3.4 apart from
    "lin" at 61.2.3.4.
    """
    return f"@{client_network(address_of(request))}"


def lockout_page(request: Any, *_: Any) -> HttpResponse:
    """Return the 429 page that replaces the sign-in form, with the remaining time."""
    full = settings.AXES_COOLOFF_TIME.total_seconds()
    key = _key(request, request.axes_credentials)
    left = _ask_redis(lambda: redis_connection().pttl(key) / 1000, default=full)
    return too_many_requests(
        request, left if left > 0 else full, template="registration/locked.html"
    )
