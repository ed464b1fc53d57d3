"""Around every request: the id that all of its traces bear, and how long it took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from monitoring.http import request_id
from monitoring.logs import context, slow_log
from monitoring.metrics.database import QueryStats, count_queries
from monitoring.metrics.metrics import HTTP_IN_PROGRESS, HTTP_REQUESTS, HTTP_SECONDS, HTTP_SLOW

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Gives each request an id, or keeps that of the proxy, and sends it back with the answer.

    A function: nothing is to be kept between the two, and the id outlives the call, for what is
    logged afterwards and by streams. On a server each request has a context of its own.
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
        finally:  # the next request may come on this very thread
            request_id.restore("")
            context.request.set(None)
        response[request_id.HEADER] = request.request_id
        return response

    return synchronous_middleware


class PageTimingMiddleware:
    """Adds `X-Page-Duration-ms` (whole milliseconds) and `Server-Timing` to every response.

    The time ends when the response begins; that of a streamed body is not in it. A class: it is one
    thing with two ways in, and asked for by name where middleware is tried alone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
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


@dataclass(slots=True)
class RequestTiming:
    """One request, from its beginning to its answer."""

    request: HttpRequest
    began: float  # of perf_counter
    database: QueryStats

    def finish(self, response: HttpResponseBase) -> HttpResponseBase:
        """The same response, with its duration in the headers, once it is counted."""
        seconds = perf_counter() - self.began
        response["X-Page-Duration-ms"] = str(round(seconds * 1000))
        response["Server-Timing"] = self._server_timing(seconds)
        self._count(response.status_code, seconds)
        return response

    def _server_timing(self, seconds: float) -> str:
        queries = self.database.queries
        unit = "query" if queries == 1 else "queries"
        database = f'db;dur={self.database.seconds * 1000:.1f};desc="{queries} {unit}"'
        return f"page;dur={seconds * 1000:.1f}, {database}"

    def _count(self, status: int, seconds: float) -> None:
        match = self.request.resolver_match
        view = match.view_name if match else "none"
        asked = self.request.method or ""
        method = asked if asked in METHODS else "OTHER"
        HTTP_REQUESTS.labels(view, method, str(status)).inc()
        HTTP_SECONDS.labels(view, method).observe(seconds)
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
