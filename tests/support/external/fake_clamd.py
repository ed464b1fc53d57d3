"""A server that speaks the protocol of clamd and finds the EICAR test file."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The test file of the antivirus industry, in two parts, so that no scanner finds it in this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd(socketserver.ThreadingTCPServer):
    """answer: the reply to every command instead of a real one, as from a server in trouble; an
    empty one closes the connection.
    """

    allow_reuse_address = True
    daemon_threads = True
    answer: bytes | None = None

    def __init__(self, place: Any = ("127.0.0.1", 0)) -> None:
        super().__init__(place, _Handler)
        self.commands: list[bytes] = []
        self.scanned: list[bytes] = []

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.server_address[1])


class UnixFakeClamd(FakeClamd):
    """The same on a Unix socket, at a path."""

    address_family = socket.AF_UNIX


class _Handler(socketserver.StreamRequestHandler):
    server: FakeClamd

    def handle(self) -> None:
        command = self._until_nul()
        self.server.commands.append(command)
        answer = {b"zPING": self._pong, b"zINSTREAM": self._scan}[command]()
        if self.server.answer is not None:
            answer = self.server.answer
        if answer:
            self.wfile.write(answer + b"\0")

    def _pong(self) -> bytes:
        return b"PONG"

    def _until_nul(self) -> bytes:
        command = b""
        while (byte := self.rfile.read(1)) not in (b"\0", b""):
            command += byte
        return command

    def _scan(self) -> bytes:
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.scanned.append(content)
        return b"stream: Eicar-Signature FOUND" if EICAR in content else b"stream: OK"


@contextmanager
def fake_clamd(path: str = "") -> Iterator[FakeClamd]:
    """Runs the server in a thread; on a Unix socket if a path is given."""
    with UnixFakeClamd(path) if path else FakeClamd() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
