"""Each request says whose it is, to the audit of everything it does."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from monitoring.audit.origin import Origin, working_for

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
        origin = Origin(request=request, request_id=uuid.uuid4().hex)
        if iscoroutinefunction(self):
            return self._awaited(request, origin)
        with working_for(origin):
            return self.get_response(request)

    async def _awaited(self, request: HttpRequest, origin: Origin) -> HttpResponseBase:
        with working_for(origin):
            answer = self.get_response(request)
            assert not isinstance(answer, HttpResponseBase)
            return await answer
