"""Who guesses at a password is locked out: this name, from this address, for a while.

django-axes counts; here is where, for whom, and what the person reads. Counts are in Redis, under
a hash of name and address, and end by themselves: nothing about anybody is kept. What axes would
log names people, so settings silence it; the metric tells what operations need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import redis
from axes.handlers.cache import AxesCacheHandler
from axes.helpers import get_client_cache_keys
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from monitoring.addresses import address_of, neighbourhood_of
from monitoring.metrics import RATE_LIMITED_REQUESTS
from realtime.breaker import Breaker
from realtime.rates import UNCOUNTED_SECONDS, connection, refusal

T = TypeVar("T")
SCOPE = "lock_out"
_breaker = Breaker(UNCOUNTED_SECONDS)


class Lockout(AxesCacheHandler):
    """Without Redis nobody is locked out: whoever knows his password gets in."""

    def __init__(self) -> None:
        self.cache = cache  # that of the thread which asks, not of the one that came first

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        counted = super().get_failures
        return _answer_of(lambda: int(counted(request, credentials)), otherwise=0)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        count = super().user_login_failed

        def outcome() -> str:
            count(sender, credentials, request, **kwargs)
            return "refused" if request.axes_locked_out else "allowed"

        told = _answer_of(outcome, otherwise="uncounted")
        RATE_LIMITED_REQUESTS.labels(SCOPE, told).inc()

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        forget = super().user_logged_in
        _answer_of(lambda: forget(sender, request, user, **kwargs), otherwise=None)


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
    return f"@{neighbourhood_of(address_of(request))}"


def locked_page(request: HttpRequest, *_: Any) -> HttpResponse:
    """What the person reads instead of the form."""
    return refusal(request, _seconds_left(request), template="registration/locked.html")


def _seconds_left(request: Any) -> float:
    """Until the door opens again; the whole while if nobody can tell."""
    whole: float = settings.AXES_COOLOFF_TIME.total_seconds()
    keys = get_client_cache_keys(request, request.axes_credentials)
    try:
        left = max(connection().pttl(cache.make_key(key)) for key in keys)
    except redis.RedisError:
        return whole
    return left / 1000 if left > 0 else whole
