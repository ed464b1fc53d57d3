"""Middleware for every request: the request id, timing headers, and request metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil
from time import perf_counter
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from monitoring.http import request_id
from monitoring.logs import context, slow_log
from monitoring.metrics import exemplars
from monitoring.metrics.database import QueryStats, count_queries
from monitoring.metrics.metrics import HTTP_IN_PROGRESS, HTTP_REQUESTS, HTTP_SECONDS, HTTP_SLOW

Response = HttpResponseBase | Awaitable[HttpResponseBase]
FAILURES = ("500", "503")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


SECONDS_SHOWN = 1  # durations are rounded up to multiples of it, except for staff


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Assigns an id to each request, or keeps that of the proxy, and returns it as a header.

    The id stays set after the call, for streamed responses and for what is logged afterwards. Under
    ASGI each request has its own context.
    """

    def begin(request: Any) -> None:
        request.request_id = request_id.assign(request.headers.get(request_id.HEADER))
        context.request.set(request)

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            begin(request)
            response: HttpResponseBase = await get_response(request)
            response[request_id.HEADER] = request.request_id
            return response

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        begin(request)
        try:
            response: HttpResponseBase = get_response(request)
        finally:  # the next request may use the same thread
            request_id.restore("")
            context.request.set(None)
        response[request_id.HEADER] = request.request_id
        return response

    return synchronous_middleware


class PageTimingMiddleware:
    """Adds `X-Page-Duration-ms` (whole milliseconds) and `Server-Timing` to every response.

    The time ends when the response starts; it does not include the body of a streamed response.
    Staff see the exact time and the queries. Everybody else sees whole seconds only: the number of
    queries, or a few milliseconds, would tell a visitor what the database knows of a person.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Response:
        if self.is_async:
            return self._later(request)
        with _timing(request) as timing:
            return timing.finish(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with _timing(request) as timing:
            return timing.finish(await self.get_response(request))


@contextmanager
def _timing(request: HttpRequest) -> Iterator[RequestTiming]:
    with HTTP_IN_PROGRESS.track_inprogress(), count_queries() as database:
        yield RequestTiming(request, perf_counter(), database)


def _is_of_staff(request: HttpRequest) -> bool:
    """True if the request has loaded its user, who may use the admin."""
    user = context.loaded_user(request)
    return bool(user and user.is_active and user.is_staff)


@dataclass(slots=True)
class RequestTiming:
    """Measures one request from start to response. started: of `perf_counter`."""

    request: HttpRequest
    started: float
    database: QueryStats

    def finish(self, response: HttpResponseBase) -> HttpResponseBase:
        """Adds the timing headers to the response, updates the metrics, and returns it."""
        seconds = perf_counter() - self.started
        response["X-Page-Duration-ms"], response["Server-Timing"] = self._headers(seconds)
        self._count(response.status_code, seconds)
        return response

    def _headers(self, seconds: float) -> tuple[str, str]:
        if _is_of_staff(self.request):
            return str(round(seconds * 1000)), self._server_timing(seconds)
        rounded = str(max(ceil(seconds / SECONDS_SHOWN), 1) * SECONDS_SHOWN * 1000)
        return rounded, f"page;dur={rounded}"

    def _server_timing(self, seconds: float) -> str:
        queries = self.database.queries
        unit = "query" if queries == 1 else "queries"
        database = f'db;dur={self.database.seconds * 1000:.1f};desc="{queries} {unit}"'
        return f"page;dur={seconds * 1000:.1f}, {database}"

    def _count(self, status: int, seconds: float) -> None:
        match = self.request.resolver_match
        view = match.view_name if match else "none"
        method = self.request.method or ""
        if method not in METHODS:
            method = "OTHER"
        _init_failures(view, method)
        HTTP_REQUESTS.labels(view, method, str(status)).inc()
        exemplar = exemplars.of_request(request_id.current())
        HTTP_SECONDS.labels(view, method).observe(seconds, exemplar)
        if seconds < settings.SLOW_REQUEST_SECONDS:
            return
        HTTP_SLOW.labels(view).inc()
        slow_log.slow_request(
            view=view,
            method=method,
            status=status,
            seconds=seconds,
            queries=self.database.queries,
            query_seconds=self.database.seconds,
        )


@cache
def _init_failures(view: str, method: str) -> None:
    """Export the failures of a view at zero once it is requested, before the first one.

    Alerts cannot see a series that starts at one. The views that nobody requests need none.
    """
    HTTP_SLOW.labels(view)
    for status in FAILURES:
        HTTP_REQUESTS.labels(view, method, status)
