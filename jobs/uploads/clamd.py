"""A client of clamd, the server of the virus scanner ClamAV.

The protocol is described in clamd(8): commands that begin with "z" end in a NUL byte, and INSTREAM
sends a file in chunks, each after its length; a length of zero ends it.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

TIMEOUT_SECONDS = 30  # a large PDF takes a few seconds
CHUNK_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 4096
CLEAN, FOUND = "OK", " FOUND"

Address = str | tuple[str, int]  # the path of a Unix socket, or host and port


class ScannerFailed(Exception):
    """The scanner cannot be reached, or did not scan the file. The argument says why."""


class Infected(Exception):
    """The scanner found malware. The argument is its name."""


def scan(address: Address, file: IO[bytes]) -> None:
    """Sends the file to the scanner. Raises Infected, and ScannerFailed without a clear answer."""
    with _connected(address) as server:
        server.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK_BYTES):
            server.sendall(struct.pack("!L", len(chunk)) + chunk)
        server.sendall(struct.pack("!L", 0))
        answer = _answer(server).removeprefix("stream: ")
    if answer.endswith(FOUND):
        raise Infected(answer.removesuffix(FOUND))
    if answer != CLEAN:
        raise ScannerFailed(answer or "no answer")


def ping(address: Address) -> None:
    """Raises ScannerFailed unless the scanner answers."""
    with _connected(address) as server:
        server.sendall(b"zPING\0")
        answer = _answer(server)
    if answer != "PONG":
        raise ScannerFailed(answer or "no answer")


@contextmanager
def _connected(address: Address) -> Iterator[socket.socket]:
    """Yields a connection, and turns its errors into ScannerFailed."""
    try:
        with _connect(address) as server:
            yield server
    except OSError as error:
        raise ScannerFailed(error.strerror or type(error).__name__) from None


def _connect(address: Address) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, TIMEOUT_SECONDS)
    server = socket.socket(socket.AF_UNIX)
    try:
        server.settimeout(TIMEOUT_SECONDS)
        server.connect(address)
    except OSError:
        server.close()
        raise
    return server


def _answer(server: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER_BYTES:
        piece = server.recv(MAX_ANSWER_BYTES)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace")
