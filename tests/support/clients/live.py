"""A WebSocket client for the application in this process, with a real session cookie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

from asgiref.testing import ApplicationCommunicator
from channels.testing import WebsocketCommunicator

from project.asgi import application
from tests.support.contracts import asyncapi

ANSWER_SECONDS = 20.0  # generous, for a busy machine
HOST = "testserver"


class LiveClient:
    """One socket to the application in this process; checks each frame against AsyncAPI."""

    def __init__(
        self, path: str, *, session: str | None, origin: str | None = f"http://{HOST}"
    ) -> None:
        self._path = path
        headers = [(b"host", HOST.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if session is not None:
            headers.append((b"cookie", f"sessionid={session}".encode()))
        self._socket = WebsocketCommunicator(application, path, headers=headers)
        # The communicator's default scope has no scheme.
        self._socket.scope["scheme"] = "ws"

    async def __aenter__(self) -> Self:
        connected, _ = await self._socket.connect(timeout=ANSWER_SECONDS)
        assert connected, "the server refuses by closing with a code, never in the handshake"
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self._socket.disconnect(timeout=ANSWER_SECONDS)

    async def hello(
        self, *, epoch: str | None = None, position: int | None = None
    ) -> dict[str, Any]:
        """Sends a hello and returns the welcome."""
        await self.send({"type": "hello", "epoch": epoch, "position": position})
        return await self.receive("welcome")

    async def send(self, frame: Mapping[str, Any] | str) -> None:
        """Sends a frame; pass an invalid one as text, which is not checked."""
        if not isinstance(frame, str):
            asyncapi.check(self._path, frame)
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self._socket.send_to(text_data=text)

    async def receive(self, kind: str) -> dict[str, Any]:
        """Returns the next frame of this type; skips presence and progress."""
        while True:
            frame = self._read(await self._socket.receive_from(ANSWER_SECONDS))
            if frame["type"] == kind:
                return frame
            assert frame["type"] == "latest", f"expected {kind}, got {frame}"

    async def closed_with(self) -> tuple[list[dict[str, Any]], int]:
        """Returns the frames sent before the server closes, and the close code."""
        frames = []
        while True:
            message = await ApplicationCommunicator.receive_output(self._socket, ANSWER_SECONDS)
            if message["type"] == "websocket.close":
                return frames, message["code"]
            frames.append(self._read(message["text"]))

    async def leave(self, code: int) -> None:
        """Closes the socket with this code."""
        await self._socket.disconnect(code=code, timeout=ANSWER_SECONDS)

    async def is_quiet(self) -> bool:
        """True if no row has changed: the answer to a ping comes first."""
        await self.send({"type": "ping", "ref": "quiet?"})
        while True:
            frame = self._read(await self._socket.receive_from(ANSWER_SECONDS))
            if frame["type"] != "latest":
                return bool(frame == {"type": "pong", "ref": "quiet?"})

    def _read(self, text: str) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(text)
        asyncapi.check(self._path, frame)
        return frame
