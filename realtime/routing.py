"""URL paths of the WebSocket consumers."""

from typing import Any

from django.urls import path, re_path

from realtime.consumers import (
    BoardConsumer,
    InterviewerConsumer,
    OperationsConsumer,
    TaskConsumer,
    WallConsumer,
)
from realtime.protocol.close_codes import CloseCode


async def reject_unknown_path(scope: Any, receive: Any, send: Any) -> None:
    """Close sockets of any other path with NOT_ALLOWED.

    Clients would keep retrying after a refused handshake, whose reason they cannot see.
    """
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(CloseCode.NOT_ALLOWED)})


websocket_urlpatterns = [
    path("ws/board/<slug:campaign>/", BoardConsumer.as_asgi()),
    path("ws/wall/<slug:campaign>/", WallConsumer.as_asgi()),
    path("ws/me/", InterviewerConsumer.as_asgi()),
    path("ws/tasks/", TaskConsumer.as_asgi()),
    path("ws/ops/", OperationsConsumer.as_asgi()),
    re_path("", reject_unknown_path),  # type: ignore[arg-type]  # an ASGI application, as Channels has it
]
