"""Rate limits of pages and of the API, counted by `realtime.rate_limiter`.

@rate_limited("search")
def candidates(request): …

While Redis is down nothing is limited.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from monitoring.http.client_address import address_of, client_network
from monitoring.metrics.metrics import RATE_LIMITED_REQUESTS
from realtime.http.rate_limit_settings import DEFAULTS
from realtime.rate_limiter import RateLimit, RedisDown, hit_all

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
OUTCOMES = ("allowed", "refused", "uncounted")
MAX_COUNT_PER_UNIT = 90  # longer durations are shown in the next larger unit


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


def has_files(request: HttpRequest) -> bool:
    return request.method == "POST" and bool(request.FILES)


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
    limits = {
        scope: RateLimit(f"{scope}:{subject}", rate)
        for scope in scopes
        if (rate := settings.RATE_LIMITS.get(scope))
    }
    if not limits:
        return 0
    try:
        waits = hit_all(list(limits.values()))
    except RedisDown:
        count_outcomes(limits, "uncounted")
        return 0
    for scope, wait in zip(limits, waits, strict=True):
        count_outcomes([scope], "refused" if wait else "allowed")
    return max(waits)


def init_labels(scopes: Iterable[str]) -> None:
    """Export the series of these scopes at zero: alerts cannot see a series that starts at one."""
    for scope in scopes:
        for outcome in OUTCOMES:
            RATE_LIMITED_REQUESTS.labels(scope, outcome)


init_labels(DEFAULTS)


def count_outcomes(scopes: Iterable[str], outcome: str) -> None:
    """Adds to the metric one request for each scope. outcome: one of OUTCOMES."""
    for scope in scopes:
        RATE_LIMITED_REQUESTS.labels(scope, outcome).inc()


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
