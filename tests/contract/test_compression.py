"""Compression of frames: agreed in the handshake, made once for all sockets, and bounded."""

from __future__ import annotations

import json

import pytest

from jobs.models import Campaign
from project.servers.compression import MIN_COMPRESSED_BYTES
from realtime.protocol.server_frames import MAX_INBOUND_BYTES
from tests.contract.conftest import BOARD
from tests.factories import make_interview
from tests.support.clients.raw_socket import (
    COMPRESSED,
    TEXT,
    RawSocket,
    build_frame,
    compressed_frame,
)
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

CHROMES_OFFER = "permessage-deflate; client_max_window_bits"
HELLO = json.dumps({"type": "hello", "epoch": None, "position": None}).encode()
ACK = json.dumps({"type": "ack", "position": 0}).encode()

# uvicorn would keep a compressor for each socket, so it sends plain frames.
compressing = pytest.mark.parametrize(
    "server",
    [pytest.param("daphne", marks=pytest.mark.xdist_group("daphne"))],
    indirect=True,
    scope="module",
)


@pytest.fixture
def _large_board(campaign: Campaign) -> None:
    for _ in range(20):
        make_interview(campaign=campaign)


@pytest.mark.usefixtures("_large_board")
async def test_a_board_has_the_same_rows_with_and_without_compression(
    serving: Site, session: str, server: str
) -> None:
    async with RawSocket(serving.port) as plain, RawSocket(serving.port) as compressed:
        await plain.connect(BOARD, session)
        await compressed.connect(BOARD, session, Sec_WebSocket_Extensions=CHROMES_OFFER)
        snapshots = [await one.hello() for one in (plain, compressed)]
    assert len(snapshots[0]["rows"]) > 20
    assert snapshots[0]["rows"] == snapshots[1]["rows"]
    assert bool(compressed.extensions) == (server == "daphne")


@compressing
@pytest.mark.usefixtures("_large_board")
async def test_a_snapshot_takes_a_fifth_of_the_bytes_and_small_frames_stay_plain(
    serving: Site, session: str
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session, Sec_WebSocket_Extensions=CHROMES_OFFER)
        await socket.hello()
        sizes = {kind: (sent, unpacked) for kind, sent, unpacked in socket.received}
    sent, unpacked = sizes["snapshot"]
    assert sent < unpacked / 5
    sent, unpacked = sizes["welcome"]
    assert sent == unpacked < MIN_COMPRESSED_BYTES


@compressing
@pytest.mark.parametrize(
    ("offer", "accepted"),
    [
        (CHROMES_OFFER, True),
        ("permessage-deflate", True),
        ("permessage-deflate; server_max_window_bits=15; client_no_context_takeover", True),
        ("permessage-deflate; server_max_window_bits=9", False),
        ("permessage-deflate; server_max_window_bits=9, permessage-deflate", True),
        ("permessage-bzip2", False),
    ],
)
async def test_compression_keeps_nothing_between_messages_or_is_not_agreed(
    serving: Site, session: str, offer: str, *, accepted: bool
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session, Sec_WebSocket_Extensions=offer)
        await socket.hello()
    for part in ("permessage-deflate", "server_no_context_takeover", "client_no_context_takeover"):
        assert (part in socket.extensions) == accepted, socket.extensions


async def test_an_operator_can_switch_compression_off(site: Site, session: str) -> None:
    site.start("web", SOCKET_COMPRESSION="no")
    async with RawSocket(site.port) as socket:
        await socket.connect(BOARD, session, Sec_WebSocket_Extensions=CHROMES_OFFER)
        await socket.hello()
        assert socket.extensions == ""


@compressing
async def test_compressed_messages_of_a_client_are_understood(serving: Site, session: str) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session, Sec_WebSocket_Extensions=CHROMES_OFFER)
        socket.write(compressed_frame(HELLO))
        await socket.receive("welcome")
        await socket.receive("snapshot")
        for _ in range(3):
            socket.write(compressed_frame(ACK))
        assert await socket.responds()


@compressing
@pytest.mark.parametrize(
    ("message", "code"),
    [
        (compressed_frame(b" " * (MAX_INBOUND_BYTES + 1)), 1009),
        (compressed_frame(b" " * 50_000_000), 1009),
        (build_frame(TEXT, b"\xff\xff\xff", reserved=COMPRESSED), 1007),
    ],
    ids=["a byte too long", "a bomb", "no deflate data"],
)
async def test_what_cannot_be_unpacked_closes_its_socket_alone(
    serving: Site, session: str, neighbour: RawSocket, message: bytes, code: int
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session, Sec_WebSocket_Extensions=CHROMES_OFFER)
        socket.write(message)
        assert (await socket.read_until_closed()).code == code
    assert await neighbour.responds()
