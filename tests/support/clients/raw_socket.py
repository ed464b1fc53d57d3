"""A WebSocket client that builds its frames by hand, and so can build them wrong.

Nothing here checks what is sent; what the server sends is read as RFC 6455 lays it out.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from tests.support.contracts import asyncapi

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
ANSWER_SECONDS = 60.0  # of a busy machine
MASK = b"\x37\xfa\x21\x3d"


def built(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    """One frame as a client sends it. reserved: the three bits after `fin`, as a number."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    body = _masked(payload) if masked else payload
    return bytes([first]) + _length(len(payload), masked) + body


def announced(opcode: int, length: int) -> bytes:
    """The beginning of a frame whose payload never comes."""
    return bytes([0x80 | opcode]) + _length(length, True) + _masked(b"")


def close_payload(code: int, reason: bytes = b"") -> bytes:
    return struct.pack("!H", code) + reason


def head(path: str, host: str, *, drop: tuple[str, ...] = (), **headers: str) -> bytes:
    """The head of a handshake. drop: headers that it lacks; headers: others, or other values."""
    usual = {
        "Host": host,
        "Origin": f"http://{host}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if name not in drop]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a socket ended: the JSON frames that still came, and the close code, if one was given."""

    frames: list[dict[str, Any]]
    code: int | None


class RawSocket:
    """A TCP connection to the site, and the WebSocket over it once it has been shaken hands."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self._port = port
        self._path = ""

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._writer.close()
        with suppress(ConnectionError):  # when it was the server who let go
            await self._writer.wait_closed()

    async def shake_hands(self, path: str, session: str | None, **headers: str) -> Self:
        """A correct handshake. Fails if the server does not switch protocols."""
        self._path = path
        cookie = {} if session is None else {"Cookie": f"sessionid={session}"}
        self.write(head(path, self.host, **cookie, **headers))
        answer = await self.answered_head()
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return self

    async def answered_head(self) -> bytes:
        """The head of an HTTP answer, or nothing when the server ended the connection."""
        async with asyncio.timeout(ANSWER_SECONDS):
            try:
                return await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    def say(self, frame: Mapping[str, Any] | str) -> None:
        """Send a text frame that is in order as a frame; what may be wrong is given as text."""
        if not isinstance(frame, str):
            asyncapi.check(self._path, frame)
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.write(built(TEXT, text.encode()))

    async def hello(self) -> dict[str, Any]:
        """Say hello; the snapshot that follows the welcome."""
        self.say({"type": "hello", "epoch": None, "position": None})
        await self.heard("welcome")
        return await self.heard("snapshot")

    async def heard(self, kind: str) -> dict[str, Any]:
        """The next JSON frame of this type; presence may come before it."""
        while True:
            opcode, payload = await self._frame()
            assert opcode == TEXT, f"expected {kind}, got {opcode}: {payload!r}"
            frame = self._read(payload)
            if frame["type"] == kind:
                return frame
            assert frame["type"] == "latest", f"expected {kind}, got {frame}"

    async def answers(self) -> bool:
        """Whether the server still answers this socket."""
        self.say({"type": "ping", "ref": "there?"})
        return await self.heard("pong") == {"type": "pong", "ref": "there?"}

    async def ended(self, *, checked: bool = True) -> Ended:
        """Read until the server ends the connection, answering its close as RFC 6455 asks.

        checked: hold each frame to the document, which takes a while when there are megabytes.
        """
        frames: list[dict[str, Any]] = []
        code = None
        while True:
            try:
                opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, ConnectionError):
                return Ended(frames, code)
            if opcode == TEXT:
                frames.append(self._read(payload) if checked else json.loads(payload))
            elif opcode == CLOSE and code is None:
                code = struct.unpack("!H", payload[:2])[0]
                self.write(built(CLOSE, payload[:2]))

    def _read(self, payload: bytes) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(payload)
        asyncapi.check(self._path, frame)
        return frame

    async def let_go(self) -> bool:
        """Whether the server ends the connection, whatever it says before."""
        async with asyncio.timeout(ANSWER_SECONDS):
            with suppress(ConnectionError):
                await self._reader.read()
        return True

    async def _frame(self) -> tuple[int, bytes]:
        """The next frame that is neither ping nor pong; pings are answered."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                opcode, payload = await self._any_frame()
                if opcode == PING:
                    self.write(built(PONG, payload))
                elif opcode != PONG:
                    return opcode, payload

    async def _any_frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        assert first & 0xF0 == 0x80, "the server sends whole messages, without extensions"
        assert second < 128, "a server masks nothing"
        length = second
        if second >= 126:
            size = 2 if second == 126 else 8
            length = int.from_bytes(await self._reader.readexactly(size), "big")
        return first & 0x0F, await self._reader.readexactly(length)


def _length(length: int, masked: bool) -> bytes:
    bit = 0x80 if masked else 0
    if length < 126:
        return bytes([bit | length])
    if length < 1 << 16:
        return struct.pack("!BH", bit | 126, length)
    return struct.pack("!BQ", bit | 127, length)


def _masked(payload: bytes) -> bytes:
    """The key, and the payload under it."""
    return MASK + bytes(octet ^ MASK[index % 4] for index, octet in enumerate(payload))
