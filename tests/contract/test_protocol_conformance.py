"""Invalid frames and handshakes, built by hand, and how both servers answer them.

After each of them the process still serves another socket, which was open before.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from realtime.protocol.close_codes import CloseCode
from realtime.protocol.server_frames import MAX_INBOUND_BYTES
from tests.contract.conftest import BOARD
from tests.support.clients.raw_socket import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    ClosedSocket,
    RawSocket,
    build_frame,
    close_payload,
    handshake,
    truncated_frame,
)
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("neighbour"),
]

PROTOCOL_ERROR, BAD_TEXT, TOO_BIG = 1002, 1007, 1009  # RFC 6455, 7.4.1


def ping_of(size: int) -> str:
    """A ping of this many bytes. The pong is about as large."""
    empty = json.dumps({"type": "ping", "ref": ""})
    return json.dumps({"type": "ping", "ref": "x" * (size - len(empty))})


HELLO = '{"type":"hello","epoch":null,"position":null}'
ACK = '{"type":"ack","position":0}'
EURO = "€".encode()
HALF_A_MESSAGE = b"x" * (MAX_INBOUND_BYTES // 2)

BROKEN_FRAMES: dict[str, tuple[bytes, int]] = {
    "reserved bit": (build_frame(TEXT, ACK.encode(), reserved=0b100), PROTOCOL_ERROR),
    "reserved data opcode": (build_frame(0x3, b"?"), PROTOCOL_ERROR),
    "reserved control opcode": (build_frame(0xB), PROTOCOL_ERROR),
    "unmasked": (build_frame(TEXT, ACK.encode(), masked=False), PROTOCOL_ERROR),
    "fragmented ping": (build_frame(PING, b"?", fin=False), PROTOCOL_ERROR),
    "ping of 126 bytes": (build_frame(PING, b"?" * 126), PROTOCOL_ERROR),
    "continuation of nothing": (build_frame(CONTINUATION, b"?"), PROTOCOL_ERROR),
    "message within a message": (
        build_frame(TEXT, b"{", fin=False) + build_frame(TEXT, b"}"),
        PROTOCOL_ERROR,
    ),
    "bad UTF-8": (build_frame(TEXT, b'"\xff"'), BAD_TEXT),
    "half a character": (build_frame(TEXT, EURO[:2]), BAD_TEXT),
    "bad UTF-8 over two fragments": (
        build_frame(TEXT, EURO[:1], fin=False) + build_frame(CONTINUATION, b"\xff"),
        BAD_TEXT,
    ),
    "one byte too many": (build_frame(TEXT, b"x" * (MAX_INBOUND_BYTES + 1)), TOO_BIG),
    "one byte too many over fragments": (
        build_frame(TEXT, HALF_A_MESSAGE, fin=False)
        + build_frame(CONTINUATION, HALF_A_MESSAGE + b"x"),
        TOO_BIG,
    ),
    "announced a terabyte": (truncated_frame(TEXT, 1 << 40), TOO_BIG),
    "binary": (build_frame(BINARY, ACK.encode()), CloseCode.BROKEN_PROTOCOL),
    "second hello": (build_frame(TEXT, HELLO.encode()), CloseCode.BROKEN_PROTOCOL),
}

BROKEN_FAREWELLS = {
    "a reserved code": close_payload(1005),
    "half a code": b"\x03",
    "a reason in bad UTF-8": close_payload(1000, b"\xff"),
}

MISTAKES = {
    "{": "bad_json",
    "": "bad_json",
    "nonsense": "bad_json",
    "[" * 60_000: "bad_json",
    '{"a":' * 10_000: "bad_json",
    '{"type":"ping","ref":[[[[[[[[0]]]]]]]]}': "bad_json",
    '{"type":"ping","ref":NaN}': "bad_json",
    '{"type":"ping","ref":-Infinity}': "bad_json",
    r'{"type":"ping","ref":"\ud800"}': "bad_json",
    f'{{"type":"ack","position":{"9" * 5000}}}': "bad_json",
    "[]": "unknown_type",
    "null": "unknown_type",
    "{}": "unknown_type",
    '{"type":"dance"}': "unknown_type",
    '{"type":["ack"]}': "unknown_type",
    '{"type":null}': "unknown_type",
    '{"type":"ack"}': "bad_field",
    '{"type":"ack","position":null}': "bad_field",
    '{"type":"ack","position":"7"}': "bad_field",
    '{"type":"ack","position":-1}': "bad_field",
    '{"type":"ack","position":1.5}': "bad_field",
    '{"type":"ack","position":true}': "bad_field",
    '{"type":"ack","position":1,"shown_ms":"fast"}': "bad_field",
    '{"type":"ack","position":1,"shown_ms":true}': "bad_field",
    '{"type":"watching","key":7}': "bad_field",
    json.dumps({"type": "watching", "key": "k" * 81}): "bad_field",
}


@asynccontextmanager
async def open_socket(site: Site, session: str) -> AsyncIterator[RawSocket]:
    """Opens a socket that follows the board, for sending invalid frames."""
    async with RawSocket(site.port) as socket:
        await socket.connect(BOARD, session)
        await socket.hello()
        yield socket


@pytest.fixture
async def socket(serving: Site, session: str) -> AsyncIterator[RawSocket]:
    async with open_socket(serving, session) as socket:
        yield socket


async def test_a_broken_websocket_frame_closes_its_socket_with_the_right_code(
    serving: Site, session: str, neighbour: RawSocket, subtests: pytest.Subtests
) -> None:
    for fault, (octets, code) in BROKEN_FRAMES.items():
        with subtests.test(fault):
            async with open_socket(serving, session) as socket:
                assert await socket.responds(), "the premise: the socket works"
                socket.write(octets)
                assert (await socket.read_until_closed()).code == code
            assert await neighbour.responds()


async def test_a_malformed_close_frame_closes_the_socket(
    serving: Site, session: str, neighbour: RawSocket, subtests: pytest.Subtests
) -> None:
    """RFC 6455 leaves open whether it is answered; 1000 would mean that it was valid."""
    for fault, payload in BROKEN_FAREWELLS.items():
        with subtests.test(fault):
            async with open_socket(serving, session) as socket:
                socket.write(build_frame(CLOSE, payload))
                ended = await socket.read_until_closed()
                assert ended.code in {None, PROTOCOL_ERROR, BAD_TEXT}
            assert await neighbour.responds()


async def test_every_invalid_message_gets_its_error_code_and_the_socket_stays_open(
    serving: Site, session: str
) -> None:
    """One socket each, because a client that sends only invalid messages is disconnected."""
    for message, code in MISTAKES.items():
        async with open_socket(serving, session) as socket:
            socket.send(message)
            error = await socket.receive("error")
            assert (error["code"], bool(error["detail"])) == (code, True), message[:80]
            assert await socket.responds()


async def test_a_message_of_64_kib_is_accepted_whole_and_in_fragments(socket: RawSocket) -> None:
    largest = ping_of(MAX_INBOUND_BYTES)
    assert len(largest) == MAX_INBOUND_BYTES, "the premise"
    socket.send(largest)
    assert len((await socket.receive("pong"))["ref"]) > MAX_INBOUND_BYTES - 100
    octets = largest.encode()
    socket.write(build_frame(TEXT, octets[:1000], fin=False) + build_frame(PING, b"between"))
    socket.write(build_frame(CONTINUATION, octets[1000:]))
    assert len((await socket.receive("pong"))["ref"]) > MAX_INBOUND_BYTES - 100


async def test_a_first_frame_other_than_hello_closes_the_socket(
    serving: Site, session: str
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session)
        socket.send(ACK)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.BROKEN_PROTOCOL)


async def test_a_flooding_client_is_warned_and_then_disconnected_with_a_goodbye(
    socket: RawSocket,
) -> None:
    """All at once: far more than the bucket holds and gains while they are read."""
    socket.write(build_frame(TEXT, ACK.encode()) * 1000)
    ended = await socket.read_until_closed()
    *warnings, goodbye = ended.frames
    assert {frame.get("code") for frame in warnings if frame["type"] == "error"} == {"too_fast"}
    assert (goodbye["type"], goodbye["code"]) == ("goodbye", CloseCode.LIMIT_EXCEEDED)
    assert ended.code == CloseCode.LIMIT_EXCEEDED


REFUSALS = {f"HTTP/1.1 {status}".encode() for status in (400, 404, 405, 426)}


def handshakes(host: str) -> dict[str, bytes]:
    """Request heads that are not valid WebSocket handshakes."""
    return {
        "no Upgrade": handshake(BOARD, host, drop=("Upgrade",)),
        "another Upgrade": handshake(BOARD, host, Upgrade="teapot"),
        "no Connection": handshake(BOARD, host, drop=("Connection",)),
        "another Connection": handshake(BOARD, host, Connection="keep-alive"),
        "no key": handshake(BOARD, host, drop=("Sec-WebSocket-Key",)),
        "a key that is too short": handshake(BOARD, host, Sec_WebSocket_Key="c2hvcnQ="),
        "no version": handshake(BOARD, host, drop=("Sec-WebSocket-Version",)),
        "version 12": handshake(BOARD, host, Sec_WebSocket_Version="12"),
        "POST": handshake(BOARD, host).replace(b"GET", b"POST", 1),
        "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        "no end": b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 100_000,
    }


async def test_an_invalid_handshake_opens_no_socket(
    serving: Site, neighbour: RawSocket, subtests: pytest.Subtests
) -> None:
    """It is refused over HTTP, or the connection is closed if the request is not HTTP."""
    for fault in handshakes(""):
        with subtests.test(fault):
            async with RawSocket(serving.port) as socket:
                socket.write(handshakes(socket.host)[fault])
                response = await socket.response_head()
                assert response[:12] in REFUSALS | (
                    {b"HTTP/1.1 431"} if fault == "no end" else set()
                )
            assert await neighbour.responds()
