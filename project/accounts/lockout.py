"""Who guesses at a password is locked out: this name, from this address, for a while.

django-axes asks before each sign-in and tells how it ended; the counting is done here. A try counts
before its password is looked at, and is forgiven when that was right: however many come at once, no
more are looked at than the limit. Counts are in Redis, under a hash of name and address, and end by
themselves: nothing about anybody is kept. What axes would log names people, so settings silence it;
the metric tells what operations need.
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

# KEYS: tries of a name from an address. ARGV: the limit, and for how many seconds it locks. These
# begin anew with each try up to the limit; those that are refused do not lengthen it.
COUNT = """
local tries = redis.call('INCR', KEYS[1])
if tries <= tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return tries
"""


class Lockout(AxesHandler):
    """Without Redis nobody is locked out: whoever knows his password gets in."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Asked before each password is looked at."""
        request.tries = _answer_of(lambda: _counted(request, credentials), otherwise=None)
        return (request.tries or 0) > settings.AXES_FAILURE_LIMIT

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        tries = getattr(request, "tries", None)
        if tries is None:
            RATE_LIMITED_REQUESTS.labels(SCOPE, "uncounted").inc()
            return
        request.axes_locked_out = tries >= settings.AXES_FAILURE_LIMIT
        request.axes_credentials = credentials
        outcome = "refused" if request.axes_locked_out else "allowed"
        RATE_LIMITED_REQUESTS.labels(SCOPE, outcome).inc()

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        key = _key(request, {"username": user.get_username()})
        _answer_of(lambda: redis_connection().delete(key), otherwise=None)


def _counted(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    limit = (settings.AXES_FAILURE_LIMIT, math.ceil(settings.AXES_COOLOFF_TIME.total_seconds()))
    return int(_count()(keys=[_key(request, credentials)], args=limit))


def _key(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    (digest,) = get_client_cache_keys(request, credentials)
    return f"recruit:{digest}"


@cache
def _count() -> Script:
    return redis_connection().register_script(COUNT)


def _answer_of(question: Callable[[], T], *, otherwise: T) -> T:
    """What Redis says, or what to go on with where it says nothing."""
    if _breaker.is_open:
        return otherwise
    try:
        return question()
    except redis.RedisError:
        _breaker.trip()
        return otherwise


def client_of(request: HttpRequest) -> str:
    """The address as axes counts it: it puts the name before it, with nothing between."""
    return f"@{client_network(address_of(request))}"


def locked_page(request: Any, *_: Any) -> HttpResponse:
    """What the person reads instead of the form."""
    whole = settings.AXES_COOLOFF_TIME.total_seconds()
    key = _key(request, request.axes_credentials)
    left = _answer_of(lambda: redis_connection().pttl(key) / 1000, otherwise=whole)
    return too_many_requests(
        request, left if left > 0 else whole, template="registration/locked.html"
    )
