"""Request lines and headers that are too long, or ambiguous, get an answer from every server."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from project.servers.header_limit import MAX_HEADER_LINES, MAX_LINE_BYTES
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ANSWER_SECONDS = 60.0  # generous, for a busy machine
HOST = "Host: 127.0.0.1"
UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
LONG, ENDLESS = MAX_LINE_BYTES + 1, 1_000_000


def request(path: str, *headers: str, version: str = "1.1") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/{version}", *headers, "", ""]).encode()


async def answer(site: Site, sent: bytes) -> str:
    """Everything that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    received = b""
    async with asyncio.timeout(ANSWER_SECONDS):
        with suppress(ConnectionError):
            writer.write(sent)
            while piece := await reader.read(65_536):
                received += piece
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return received.decode()


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (414, request(f"/healthz?{'a' * LONG}", HOST)),
        (414, request(f"/healthz?{'a' * ENDLESS}", HOST)),
        (414, b"GET /" + b"a" * ENDLESS),
        (431, request("/healthz", HOST, f"X-Long: {'a' * LONG}")),
        (431, request("/healthz", HOST, f"X-Long: {'a' * ENDLESS}")),
        (431, request("/healthz", HOST, *("X-Long: " + "a" * 10_000 for _ in range(7)))),
        (431, request("/healthz", HOST, *("X: a" for _ in range(MAX_HEADER_LINES)))),
        (400, request("/healthz", HOST, "Host: elsewhere.example.com")),
        (400, request("/healthz", HOST, HOST)),
        (400, request("/healthz")),
        (400, request("/ws/me/", HOST, "Host: elsewhere.example.com", *UPGRADE)),
        (400, request("/healthz", HOST, "Content-Length: 1", "Transfer-Encoding: chunked")),
        (400, request("/healthz", HOST, "Content-Length: 1", "Content-Length: 2")),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_request_is_refused_with_the_status_that_says_why(
    serving: Site, status: int, sent: bytes
) -> None:
    assert (await answer(serving, sent)).startswith(f"HTTP/1.1 {status} ")


async def test_requests_within_the_limits_are_served_one_after_the_other(serving: Site) -> None:
    """The counts start anew for each request of a connection."""
    usual = request("/healthz?" + "a" * 9_000, HOST, *(f"X-{n}: {'a' * 300}" for n in range(150)))
    last = request("/healthz", HOST, "Connection: close")
    received = await answer(serving, usual * 3 + last)
    assert received.count("HTTP/1.1 200 ") == 4


async def test_a_header_cannot_move_the_links_of_a_page(serving: Site) -> None:
    """daphne takes the path above the site from this header, which anybody can send."""
    headers = ("Daphne-Root-Path: /elsewhere", "Connection: close")
    page = await answer(serving, request("/accounts/login/", HOST, *headers))
    assert page.startswith("HTTP/1.1 200 ")
    assert "/elsewhere" not in page
