"""Every response carries its duration and the request id, for every kind of view."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from monitoring.http import request_id
from monitoring.http.middleware import (
    PageTimingMiddleware,
    RequestTiming,
    request_id_middleware,
)
from monitoring.metrics.database import QueryStats

TIMING = re.compile(r'page;dur=(\d+\.\d), db;dur=(\d+\.\d);desc="(\d+) (?:query|queries)"')


def assert_timed(response: HttpResponse | StreamingHttpResponse) -> None:
    """A visitor sees the duration in whole seconds."""
    assert response["X-Page-Duration-ms"] == "1000"
    assert response["Server-Timing"] == "page;dur=1000"


@pytest.mark.parametrize("person", [{"is_staff": False}, {"is_active": False}, None])
def test_only_staff_see_exact_durations_and_queries(person: dict[str, bool] | None) -> None:
    def timed(user: Any) -> HttpResponse:
        request = RequestFactory().get("/")
        request.user = user
        return PageTimingMiddleware(lambda request: HttpResponse("here"))(request)

    response = timed(User(is_staff=True))
    timing = TIMING.fullmatch(response["Server-Timing"])
    assert timing, response["Server-Timing"]
    assert float(timing[1]) >= float(timing[2])
    assert abs(int(response["X-Page-Duration-ms"]) - float(timing[1])) <= 1
    assert_timed(timed(User(**({"is_staff": True} | person)) if person else AnonymousUser()))


def test_a_duration_of_more_than_a_second_is_rounded_up() -> None:
    request = RequestFactory().get("/")
    timing = RequestTiming(request, perf_counter() - 1.2, QueryStats())
    assert timing.finish(HttpResponse())["X-Page-Duration-ms"] == "2000"


def test_a_response_of_synchronous_code_is_timed() -> None:
    middleware = PageTimingMiddleware(lambda request: HttpResponse("here"))
    assert_timed(middleware(RequestFactory().get("/")))


async def test_a_response_of_asynchronous_code_is_timed() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    assert_timed(await PageTimingMiddleware(view)(AsyncRequestFactory().get("/")))


async def test_a_streamed_response_is_timed_until_it_starts() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"piece"

    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(pieces())

    assert_timed(await PageTimingMiddleware(view)(AsyncRequestFactory().get("/")))


@pytest.mark.parametrize("path", ["/nowhere-at-all/", "/healthz"])
async def test_the_middleware_is_outermost(path: str) -> None:
    handler = ASGIHandler()
    response = await handler.get_response_async(AsyncRequestFactory().get(path))
    assert_timed(response)
    assert re.fullmatch("[0-9a-f]{32}", response[request_id.HEADER])


def respond(given: str | None = None) -> tuple[Any, list[str]]:
    """The response to a request with this id, and the ids seen by the view."""
    seen: list[str] = []

    def view(request: Any) -> HttpResponse:
        seen.extend([request_id.current(), request.request_id])
        return HttpResponse()

    headers = {request_id.HEADER: given} if given else {}
    request = RequestFactory().get("/", headers=headers)
    return request_id_middleware(view)(request), seen


@pytest.mark.parametrize("given", ["0123456789abcdef", "trace-1.2_3-4567890", "a" * 40])
def test_the_id_assigned_by_a_proxy_is_kept(given: str) -> None:
    response, seen = respond(given)
    assert [response[request_id.HEADER], *seen] == [given] * 3


@pytest.mark.parametrize(
    "given",
    [
        *("short", "a" * 41, "0123456789abcdef ", "0123456789abcde\n", "0123456789abcdé"),
        *("<script>alert(1)</script>", "lin@example.com-0123", "+8613800138000000", "-" * 20),
    ],
)
def test_a_malformed_id_is_replaced(given: str) -> None:
    response, seen = respond(given)
    assert re.fullmatch("[0-9a-f]{32}", response[request_id.HEADER])
    assert seen == [response[request_id.HEADER]] * 2


def test_the_next_request_does_not_inherit_the_id() -> None:
    first, _ = respond()
    assert request_id.current() == ""
    second, _ = respond()
    assert first[request_id.HEADER] != second[request_id.HEADER]


async def test_the_id_is_set_in_asynchronous_code_and_in_its_stream() -> None:
    async def pieces() -> AsyncIterator[str]:
        yield request_id.current()

    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(pieces())

    response = await request_id_middleware(view)(AsyncRequestFactory().get("/"))
    streamed = [piece async for piece in response]
    assert streamed == [response[request_id.HEADER].encode()]


async def test_concurrent_requests_have_separate_ids() -> None:
    """Interleaving: the first request ends only after the second has started."""
    has_begun = asyncio.Event()

    async def view(request: HttpRequest) -> HttpResponse:
        if request.path == "/first/":
            await has_begun.wait()
        has_begun.set()
        return HttpResponse(request_id.current())

    response = request_id_middleware(view)
    first, second = await asyncio.gather(
        *(response(AsyncRequestFactory().get(path)) for path in ("/first/", "/second/"))
    )
    assert first.content.decode() == first[request_id.HEADER]
    assert second.content.decode() == second[request_id.HEADER]
    assert first.content != second.content
