"""Bodies that are too large are refused before they are read, by every server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from project.servers.body_limit import limit_for
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ANSWER_SECONDS = 60.0  # generous, for a busy machine
FORM, JSON, PLAIN = "multipart/form-data; boundary=b", "application/json", "text/plain"
CHUNK = 64 * 1024
IN_FLIGHT = 16 * 2**20  # what the buffers of both kernels may hold of a body that nobody reads


class Connection:
    """One HTTP request over a TCP connection, sent in pieces."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.sent = 0

    def start(self, path: str, **headers: object) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in {"Host": "127.0.0.1", **named}.items()]
        self.writer.write("\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode())

    async def chunk(self, content: bytes) -> None:
        self.writer.write(b"%x\r\n%b\r\n" % (len(content), content))
        await self.writer.drain()
        self.sent += len(content)

    async def answer(self) -> str:
        """The whole answer, until the server closes the connection."""
        async with asyncio.timeout(ANSWER_SECONDS):
            read = b""
            with suppress(ConnectionError):
                while piece := await self.reader.read(CHUNK):
                    read += piece
            return read.decode()


@pytest.fixture
async def connection(serving: Site) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    yield Connection(reader, writer)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/accounts/login/", FORM, "<!doctype html>"),
        ("/accounts/login/", PLAIN, "<!doctype html>"),
        ("/api/v1/candidates/", JSON, "The request body is too large."),
        ("/api/v1/imports/", FORM, "The request body is too large."),
    ],
)
async def test_a_declared_length_is_refused_before_the_body_is_sent(
    connection: Connection, path: str, kind: str, text: str
) -> None:
    length = limit_for(kind.encode()) + 1
    connection.start(path, Content_Type=kind, Content_Length=length, Accept_Language="en")
    answer = await connection.answer()
    assert answer.startswith("HTTP/1.1 413 ")
    assert text.lower() in answer.lower()


async def test_a_client_that_asks_first_is_not_told_to_continue(connection: Connection) -> None:
    length = limit_for(FORM.encode()) + 1
    connection.start(
        "/accounts/login/", Content_Type=FORM, Content_Length=length, Expect="100-continue"
    )
    assert (await connection.answer()).startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize("kind", [PLAIN, FORM])
async def test_an_endless_body_is_read_up_to_the_limit(connection: Connection, kind: str) -> None:
    """A client that sends on while the server closes may lose the answer with the connection."""
    connection.start("/accounts/login/", Content_Type=kind, Transfer_Encoding="chunked")
    limit = limit_for(kind.encode())
    answer = asyncio.create_task(connection.answer())
    with suppress(ConnectionError):
        while not answer.done() and connection.sent < limit + IN_FLIGHT:
            await connection.chunk(bytes(CHUNK))
    assert (await answer)[:12] in {"HTTP/1.1 413", ""}
    assert connection.sent < limit + IN_FLIGHT


async def test_a_body_within_the_limit_is_read(connection: Connection) -> None:
    body = b"x" * 1_000_000
    connection.start(
        "/accounts/login/", Content_Type=PLAIN, Transfer_Encoding="chunked", Connection="close"
    )
    await connection.chunk(body)
    connection.writer.write(b"0\r\n\r\n")
    assert (await connection.answer()).startswith("HTTP/1.1 403 "), (
        "the token of the form is missing"
    )
