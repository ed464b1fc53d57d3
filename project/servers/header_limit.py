"""Limits of a request's line and headers, the same for every server.

A longer request line is answered 414, longer or more headers 431, and a request without exactly one
Host header 400: a proxy and the site might each believe another one of two.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

MAX_LINE_BYTES = 16 * 1024  # twice what nginx passes on
MAX_HEADER_BYTES = 64 * 1024
MAX_HEADER_LINES = 200
LINGER_SECONDS = 2.0  # for a refused client to read the answer before the connection is reset


def refusal_of(
    request_line: int, headers: Iterable[tuple[bytes, bytes]], *, version: bytes
) -> HTTPStatus | None:
    """Return the status that refuses a complete request; None if it is fine.

    request_line: its length in bytes. version: such as b"1.1".
    """
    if request_line > MAX_LINE_BYTES:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    lines = HeaderLines()
    lines.add(b"GET / HTTP/" + version)
    for name, value in headers:
        if len(name) + len(value) > MAX_LINE_BYTES:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if refused := lines.add(name + b": " + value):
            return refused
    return lines.add(b"")


class HeaderLines:
    """Counts the lines of one request after the other, as they arrive on a connection."""

    def __init__(self) -> None:
        self._restart()

    def _restart(self) -> None:
        self._version = b""
        self._lines = self._bytes = self._hosts = 0

    @property
    def is_at_start(self) -> bool:
        """Whether the next line is the first one of a request."""
        return not self._lines

    def add(self, line: bytes) -> HTTPStatus | None:
        """Return the status that refuses the request at this line; None if it is fine so far."""
        if self.is_at_start and not line:
            return None  # some clients send an empty line after a body
        if not line:
            return self._end()
        if self.is_at_start:
            self._version = line.rsplit(b"/", 1)[-1]
        else:
            self._bytes += len(line)
            self._hosts += line[:5].lower() == b"host:"
        self._lines += 1
        is_too_much = self._bytes > MAX_HEADER_BYTES or self._lines > MAX_HEADER_LINES + 1
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_too_much else None

    def _end(self) -> HTTPStatus | None:
        hosts, version = self._hosts, self._version
        self._restart()
        is_clear = hosts == 1 or (hosts == 0 and version == b"1.0")
        return None if is_clear else HTTPStatus.BAD_REQUEST
