"""Each request says whose it is, to the audit of everything it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from monitoring.audit.origin import Origin, use_origin

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class OriginMiddleware:
    """Stands after the sign-in; what a request does is recorded under one id."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        origin = Origin(request=request)
        with use_origin(origin):
            answer = self.get_response(request)
        if isinstance(answer, HttpResponseBase):
            return answer
        return self._awaited(answer, origin)

    async def _awaited(
        self, answer: Awaitable[HttpResponseBase], origin: Origin
    ) -> HttpResponseBase:
        """It has not begun yet: what it does, it does in here."""
        with use_origin(origin):
            return await answer
