"""Every response says how long it took and which request it answers, whatever view made it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from monitoring.http import request_id
from monitoring.http.middleware import PageTimingMiddleware, request_id_middleware

TIMING = re.compile(r'page;dur=(\d+\.\d), db;dur=(\d+\.\d);desc="(\d+) (?:query|queries)"')


def assert_timed(response: HttpResponse | StreamingHttpResponse) -> None:
    assert int(response["X-Page-Duration-ms"]) >= 0
    timing = TIMING.fullmatch(response["Server-Timing"])
    assert timing, response["Server-Timing"]
    assert float(timing[1]) >= float(timing[2])


def test_a_response_of_synchronous_code_is_timed() -> None:
    middleware = PageTimingMiddleware(lambda request: HttpResponse("here"))
    assert_timed(middleware(RequestFactory().get("/")))


async def test_a_response_of_asynchronous_code_is_timed() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    assert_timed(await PageTimingMiddleware(view)(AsyncRequestFactory().get("/")))


async def test_a_stream_is_timed_until_it_begins() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"piece"

    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(pieces())

    assert_timed(await PageTimingMiddleware(view)(AsyncRequestFactory().get("/")))


@pytest.mark.parametrize("path", ["/nowhere-at-all/", "/healthz"])
async def test_they_are_the_outermost_layers_of_the_product(path: str) -> None:
    handler = ASGIHandler()
    response = await handler.get_response_async(AsyncRequestFactory().get(path))
    assert_timed(response)
    assert re.fullmatch("[0-9a-f]{32}", response[request_id.HEADER])


def answered(given: str | None = None) -> tuple[Any, list[str]]:
    """The response to a request with this id, and the ids that the view saw."""
    seen: list[str] = []

    def view(request: Any) -> HttpResponse:
        seen.extend([request_id.current(), request.request_id])
        return HttpResponse()

    headers = {request_id.HEADER: given} if given else {}
    request = RequestFactory().get("/", headers=headers)
    return request_id_middleware(view)(request), seen


@pytest.mark.parametrize("given", ["0123456789abcdef", "trace-1.2_3-4567890", "a" * 40])
def test_the_id_that_a_proxy_gave_is_kept(given: str) -> None:
    response, seen = answered(given)
    assert [response[request_id.HEADER], *seen] == [given] * 3


@pytest.mark.parametrize(
    "given",
    [
        *("short", "a" * 41, "0123456789abcdef ", "0123456789abcde\n", "0123456789abcdé"),
        *("<script>alert(1)</script>", "lin@example.com-0123", "+8613800138000000", "-" * 20),
    ],
)
def test_what_is_no_id_is_replaced_by_one(given: str) -> None:
    response, seen = answered(given)
    assert re.fullmatch("[0-9a-f]{32}", response[request_id.HEADER])
    assert seen == [response[request_id.HEADER]] * 2


def test_the_next_request_does_not_inherit_the_id() -> None:
    first, _ = answered()
    assert request_id.current() == ""
    second, _ = answered()
    assert first[request_id.HEADER] != second[request_id.HEADER]


async def test_the_id_holds_in_asynchronous_code_and_in_the_stream_it_answers_with() -> None:
    async def pieces() -> AsyncIterator[str]:
        yield request_id.current()

    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(pieces())

    response = await request_id_middleware(view)(AsyncRequestFactory().get("/"))
    streamed = [piece async for piece in response]
    assert streamed == [response[request_id.HEADER].encode()]


async def test_requests_that_are_answered_side_by_side_keep_their_ids_apart() -> None:
    """The first is under way until the second has begun."""
    has_begun = asyncio.Event()

    async def view(request: HttpRequest) -> HttpResponse:
        if request.path == "/first/":
            await has_begun.wait()
        has_begun.set()
        return HttpResponse(request_id.current())

    answer = request_id_middleware(view)
    first, second = await asyncio.gather(
        *(answer(AsyncRequestFactory().get(path)) for path in ("/first/", "/second/"))
    )
    assert first.content.decode() == first[request_id.HEADER]
    assert second.content.decode() == second[request_id.HEADER]
    assert first.content != second.content
