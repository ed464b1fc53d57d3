"""How long each page took, told in its own headers."""

from collections.abc import Awaitable, Callable
from time import perf_counter

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class PageTimingMiddleware:
    """Adds `X-Page-Duration-ms` (whole milliseconds) and `Server-Timing` to every response.

    The time ends when the response begins; that of a streamed body is not in it.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        began = perf_counter()
        answer = self.get_response(request)
        if isinstance(answer, HttpResponseBase):
            return with_timing(answer, began)
        return self._awaited(answer, began)

    async def _awaited(self, answer: Awaitable[HttpResponseBase], began: float) -> HttpResponseBase:
        return with_timing(await answer, began)


def with_timing(response: HttpResponseBase, began: float) -> HttpResponseBase:
    """The same response with its duration since `began` (of `perf_counter`) in the headers."""
    milliseconds = (perf_counter() - began) * 1000
    response["X-Page-Duration-ms"] = str(round(milliseconds))
    response["Server-Timing"] = f"page;dur={milliseconds:.1f}"
    return response
