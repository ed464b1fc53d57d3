"""Limits the size of request bodies before they are read.

`BodyLimit` wraps Django in the ASGI application and works with every server. daphne reads a body
whole before it calls the application, so `project.servers.daphne` asks `limit_for` as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from jobs.imports.limits import MAX_BYTES as IMPORT_BYTES
from project.web.error_views import body_too_large
from realtime.http.parsers import MAX_BODY_BYTES

JSON, FORM_WITH_FILES = b"application/json", b"multipart/form-data"
REST_OF_FORM_BYTES = 2**20  # what a form may hold besides its file
REFUSED = "body_too_large"  # key of the scope

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def limit_for(content_type: bytes) -> int:
    """Returns the number of bytes that a body with this Content-Type may have."""
    kind = content_type.lower()
    if kind.startswith(FORM_WITH_FILES):
        return max(IMPORT_BYTES, settings.RESUME_BYTES) + REST_OF_FORM_BYTES
    if kind.startswith(JSON):
        return MAX_BODY_BYTES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MAX_BODY_BYTES


class BodyLimit:
    """ASGI middleware that answers 413 to a body that is too large.

    A declared length is refused before the body is read. A body without a declared length is read
    up to the limit. Django renders the answer, in the language of the visitor.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        limit = limit_for(headers.get(b"content-type", b""))
        if _declared(headers) > limit:
            await self._refuse(scope, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return {"type": "http.disconnect"} if received > limit else message

        await self.application(scope, receive_limited, send)
        if received > limit:  # Django gave up without an answer, because the client seemed gone
            await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        kept = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        await self.application(scope | {"headers": kept, REFUSED: True}, _no_body(), send)


def _declared(headers: dict[bytes, bytes]) -> int:
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


def _no_body() -> Receive:
    """Returns a `receive` with an empty body, after which the client stays connected."""
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not messages:
            await asyncio.Future()  # Django waits for a disconnect until it has answered
        return messages.pop()

    return receive


@sync_and_async_middleware
def refusal_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Django middleware that answers a request which BodyLimit has refused."""

    def refusal(request: Any) -> HttpResponseBase | None:
        if not getattr(request, "scope", {}).get(REFUSED):
            return None
        answer = body_too_large(request)
        answer.headers["Connection"] = "close"  # the rest of the body is not read
        return answer

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            found = refusal(request)
            return found if found is not None else await get_response(request)

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        found = refusal(request)
        return found if found is not None else get_response(request)

    return synchronous_middleware
