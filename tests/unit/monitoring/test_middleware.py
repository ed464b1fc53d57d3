"""Every response says how long it took, whatever kind of view made it."""

from collections.abc import AsyncIterator

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from monitoring.middleware import PageTimingMiddleware


def assert_timed(response: HttpResponse | StreamingHttpResponse) -> None:
    assert int(response["X-Page-Duration-ms"]) >= 0
    name, _, milliseconds = response["Server-Timing"].partition(";dur=")
    assert name == "page"
    assert float(milliseconds) >= 0


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
async def test_it_is_the_outermost_layer_of_the_product(path: str) -> None:
    handler = ASGIHandler()
    response = await handler.get_response_async(AsyncRequestFactory().get(path))
    assert_timed(response)
