"""Rate limits, counted in Redis for all web processes together.

@rate_limited("search")
def candidates(request): …

A sliding window on Redis's clock: a request passes if fewer requests than the limit passed in the
time before it. Rejected requests do not count. While Redis is down nothing is limited.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.commands.core import Script
from rest_framework.request import Request

from monitoring.http.client_address import address_of, client_network
from monitoring.metrics.metrics import RATE_LIMITED_REQUESTS
from realtime.circuit_breaker import CircuitBreaker
from realtime.http.rate_limit_settings import DEFAULTS, Rate

logger = logging.getLogger(__name__)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
REDIS_RETRY_SECONDS = 5.0
MAX_COUNT_PER_UNIT = 90  # longer durations are shown in the next larger unit
_breaker = CircuitBreaker(REDIS_RETRY_SECONDS)

# KEYS: lists of the times of recently allowed requests, in microseconds, newest first.
# ARGV: limit and window in seconds, for each key. Returns the microseconds to wait, for each key.
COUNT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local waits, refused = {}, false
for i, key in ipairs(KEYS) do
  local oldest = redis.call('LINDEX', key, ARGV[2 * i - 1] - 1)
  waits[i] = oldest and math.max(0, oldest + ARGV[2 * i] * 1000000 - now) or 0
  refused = refused or waits[i] > 0
end
if not refused then
  for i, key in ipairs(KEYS) do
    redis.call('LPUSH', key, string.format('%.0f', now))
    redis.call('LTRIM', key, 0, ARGV[2 * i - 1] - 1)
    redis.call('EXPIRE', key, ARGV[2 * i])
  end
end
return waits
"""


def rate_limited(
    scope: str, *, when: Callable[[HttpRequest], bool] | None = None
) -> Callable[[View[P]], View[P]]:
    """Decorator: the view answers 429 to clients that exceed the limit.

    scope  one of `rate_limit_settings.DEFAULTS`
    when   predicate of the requests that count; default: all
    """
    if scope not in DEFAULTS:
        raise ValueError(f"unknown scope '{scope}'; use one of {', '.join(DEFAULTS)}")

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            counts = when is None or when(request)
            wait = seconds_to_wait(subject_of(request), scope) if counts else 0
            return too_many_requests(request, wait) if wait else view(request, *args, **kwargs)

        return counted

    return decorate


def is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


def subject_of(request: HttpRequest | Request) -> str:
    """Whom a request counts for: the user, or else the client's network, as a hash for Redis."""
    if request.user.is_authenticated:
        return f"person:{request.user.pk}"
    network = client_network(address_of(request))
    return f"address:{salted_hmac('realtime.http.rate_limits', network).hexdigest()}"


def seconds_to_wait(subject: str, *scopes: str) -> float:
    """Counts one request against each scope. Returns 0 if all allow it, else the seconds to wait.

    A request that one scope rejects counts against none.
    """
    limits = {scope: rate for scope in scopes if (rate := settings.RATE_LIMITS.get(scope))}
    if not limits:
        return 0
    waits = _microseconds_to_wait(subject, limits)
    for scope, wait in zip(limits, waits, strict=True):
        outcome = {None: "uncounted", 0: "allowed"}.get(wait, "refused")
        RATE_LIMITED_REQUESTS.labels(scope, outcome).inc()
    return max(wait or 0 for wait in waits) / 1_000_000


def _microseconds_to_wait(subject: str, limits: dict[str, Rate]) -> list[int | None]:
    """Microseconds to wait by each limit; None for each if Redis does not answer."""
    unknown: list[int | None] = [None] * len(limits)
    if _breaker.is_open:
        return unknown
    keys = [f"recruit:rate:{scope}:{subject}" for scope in limits]
    numbers = [number for rate in limits.values() for number in (rate.requests, rate.seconds)]
    try:
        return cast("list[int | None]", _count()(keys=keys, args=numbers))
    except redis.RedisError:
        _breaker.trip()
        logger.warning(
            "Rate limits are off, because Redis does not answer", extra={"action": "rates_unknown"}
        )
        return unknown


@cache
def redis_connection() -> redis.Redis:
    """The Redis client of this process. Calls return within a second or raise RedisError."""
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)


@cache
def _count() -> Script:
    return redis_connection().register_script(COUNT)


def too_many_requests(
    request: HttpRequest, wait: float, *, template: str = "429.html"
) -> HttpResponse:
    """The 429 response with `Retry-After`: a page, or problem details if JSON was requested.

    wait: seconds
    """
    seconds = max(1, math.ceil(wait))
    wants_json = request.headers.get("Accept") == "application/json"
    context = {"wait": duration_text(seconds)}
    response = _problem(context) if wants_json else render(request, template, context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def _problem(context: dict[str, str]) -> JsonResponse:
    problem = {
        "type": "about:blank",
        "title": HTTPStatus.TOO_MANY_REQUESTS.phrase,
        "status": HTTPStatus.TOO_MANY_REQUESTS,
        "detail": _("Try again in %(wait)s.") % context,
        "errors": {},
    }
    return JsonResponse(problem, status=429, content_type="application/problem+json")


def duration_text(seconds: int) -> str:
    """The duration in words, rounded up: "90 seconds", "2 minutes", "3 hours"."""
    if seconds <= MAX_COUNT_PER_UNIT:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= MAX_COUNT_PER_UNIT:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
