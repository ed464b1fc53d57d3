"""Sets the audit origin of every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from monitoring.audit.origin import Origin, use_origin

Response = HttpResponseBase | Awaitable[HttpResponseBase]


class OriginMiddleware:
    """Must come after the authentication middleware; everything a request does shares one id."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Response]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Response:
        origin = Origin(request=request)
        with use_origin(origin):
            response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            return response
        return self._awaited(response, origin)

    async def _awaited(
        self, response: Awaitable[HttpResponseBase], origin: Origin
    ) -> HttpResponseBase:
        """Sets the origin again: the view runs only while the coroutine is awaited."""
        with use_origin(origin):
            return await response
