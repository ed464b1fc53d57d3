"""A WebSocket client that builds its frames by hand, and so can build invalid ones.

Nothing here checks what is sent; what the server sends is parsed by RFC 6455.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from tests.support.contracts import asyncapi

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
EXTENSIONS = re.compile("^Sec-WebSocket-Extensions: (.*)\r$", re.MULTILINE | re.IGNORECASE)
ANSWER_SECONDS = 60.0  # generous, for a busy machine
MASK = b"\x37\xfa\x21\x3d"
COMPRESSED = 0x4  # of the reserved bits
SYNC_MARK = b"\x00\x00\xff\xff"


def build_frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    """Returns one client frame. reserved: the three bits after `fin`, as a number."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    body = _masked(payload) if masked else payload
    return bytes([first]) + _length(len(payload), masked) + body


def compressed_frame(payload: bytes) -> bytes:
    """Returns a text frame whose message is compressed by RFC 7692."""
    return build_frame(TEXT, _deflated(payload), reserved=COMPRESSED)


def truncated_frame(opcode: int, length: int) -> bytes:
    """Returns the start of a frame whose payload of `length` bytes never follows."""
    return bytes([0x80 | opcode]) + _length(length, True) + _masked(b"")


def close_payload(code: int, reason: bytes = b"") -> bytes:
    return struct.pack("!H", code) + reason


def handshake(path: str, host: str, *, drop: tuple[str, ...] = (), **headers: str) -> bytes:
    """Returns a handshake request. drop: headers to omit; headers: additions or other values."""
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
class ClosedSocket:
    """How a socket ended: the last JSON frames, and the close code if there was one."""

    frames: list[dict[str, Any]]
    code: int | None


class RawSocket:
    """A TCP connection to the site, and the WebSocket over it after the handshake.

    extensions: those that the server has accepted. received: kind and size of each JSON frame, as
    sent and as unpacked.
    """

    def __init__(self, port: int) -> None:
        self.extensions = ""
        self.received: list[tuple[str, int, int]] = []
        self.host = f"127.0.0.1:{port}"
        self._port = port
        self._path = ""

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._writer.close()
        with suppress(ConnectionError):  # the server may have closed it first
            await self._writer.wait_closed()

    async def connect(self, path: str, session: str | None, **headers: str) -> Self:
        """Makes a valid handshake. Fails if the server does not switch protocols."""
        self._path = path
        cookie = {} if session is None else {"Cookie": f"sessionid={session}"}
        self.write(handshake(path, self.host, **cookie, **headers))
        answer = await self.response_head()
        assert answer.startswith(b"HTTP/1.1 101"), answer
        accepted = EXTENSIONS.search(answer.decode())
        self.extensions = accepted[1] if accepted else ""
        return self

    async def response_head(self) -> bytes:
        """Returns the head of an HTTP response, or b"" if the server closed the connection."""
        async with asyncio.timeout(ANSWER_SECONDS):
            try:
                return await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    def send(self, frame: Mapping[str, Any] | str) -> None:
        """Sends a valid text frame; pass invalid content as text, which is not checked."""
        if not isinstance(frame, str):
            asyncapi.check(self._path, frame)
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.write(build_frame(TEXT, text.encode()))

    async def hello(self) -> dict[str, Any]:
        """Sends a hello and returns the snapshot that follows the welcome."""
        self.send({"type": "hello", "epoch": None, "position": None})
        await self.receive("welcome")
        return await self.receive("snapshot")

    async def receive(self, kind: str) -> dict[str, Any]:
        """Returns the next JSON frame of this type; skips presence."""
        while True:
            opcode, payload = await self._frame()
            assert opcode == TEXT, f"expected {kind}, got {opcode}: {payload!r}"
            frame = self._read(payload)
            if frame["type"] == kind:
                return frame
            assert frame["type"] == "latest", f"expected {kind}, got {frame}"

    async def responds(self) -> bool:
        """True if the server answers a ping on this socket."""
        self.send({"type": "ping", "ref": "there?"})
        return await self.receive("pong") == {"type": "pong", "ref": "there?"}

    async def read_until_closed(self, *, checked: bool = True) -> ClosedSocket:
        """Reads until the server ends the connection; answers its close as RFC 6455 requires.

        checked: check each frame against AsyncAPI, which is slow for megabytes.
        """
        frames: list[dict[str, Any]] = []
        code = None
        while True:
            try:
                opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, ConnectionError):
                return ClosedSocket(frames, code)
            if opcode == TEXT:
                frames.append(self._read(payload) if checked else json.loads(payload))
            elif opcode == CLOSE and code is None:
                code = struct.unpack("!H", payload[:2])[0]
                self.write(build_frame(CLOSE, payload[:2]))

    def _read(self, payload: bytes) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(payload)
        asyncapi.check(self._path, frame)
        return frame

    async def is_disconnected(self) -> bool:
        """True once the server ends the connection, whatever it sends before; fails by timeout."""
        async with asyncio.timeout(ANSWER_SECONDS):
            with suppress(ConnectionError):
                await self._reader.read()
        return True

    async def _frame(self) -> tuple[int, bytes]:
        """Returns the next frame that is neither ping nor pong; answers pings."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                opcode, payload = await self._any_frame()
                if opcode == PING:
                    self.write(build_frame(PONG, payload))
                elif opcode != PONG:
                    return opcode, payload

    async def _any_frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        reserved = first >> 4 & 0x7
        assert first & 0x80, "the server sends whole messages"
        assert reserved == 0 or (reserved == COMPRESSED and self.extensions), "only as agreed"
        assert second < 128, "a server does not mask its frames"
        length = second
        if second >= 126:
            size = 2 if second == 126 else 8
            length = int.from_bytes(await self._reader.readexactly(size), "big")
        sent = await self._reader.readexactly(length)
        payload = _inflated(sent) if reserved else sent
        if first & 0x0F == TEXT:
            self.received.append((json.loads(payload)["type"], len(sent), len(payload)))
        return first & 0x0F, payload


def _length(length: int, masked: bool) -> bytes:
    bit = 0x80 if masked else 0
    if length < 126:
        return bytes([bit | length])
    if length < 1 << 16:
        return struct.pack("!BH", bit | 126, length)
    return struct.pack("!BQ", bit | 127, length)


def _masked(payload: bytes) -> bytes:
    """Returns the key, followed by the payload masked with it."""
    return MASK + bytes(octet ^ MASK[index % 4] for index, octet in enumerate(payload))


def _deflated(payload: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[: -len(SYNC_MARK)]


def _inflated(payload: bytes) -> bytes:
    """Unpacks one message, of which nothing is kept for the next one."""
    return zlib.decompressobj(-15).decompress(payload + SYNC_MARK)
