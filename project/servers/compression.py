"""Compression of WebSocket messages (permessage-deflate, RFC 7692), once for all sockets.

Nothing is kept from one message to the next ("no context takeover"). So the compressed form of a
frame is the same for every socket, and an idle socket keeps no compressor, which would take up to
300 KB.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from autobahn.exception import PayloadExceededError
from autobahn.websocket.compress import (
    PERMESSAGE_COMPRESSION_EXTENSION,
    PerMessageDeflate,
    PerMessageDeflateOffer,
    PerMessageDeflateOfferAccept,
)
from autobahn.websocket.protocol import PreparedMessage
from django.conf import settings

from realtime.protocol.server_frames import MAX_INBOUND_BYTES

MIN_COMPRESSED_BYTES = 1024  # a smaller frame fits into one packet anyway
LEVEL = 1  # a board of 300 cards: 237 KB become 14 KB in a third of the time of level 6, 9 KB
WINDOW_BITS = 15
IS_COMPRESSED = 0x40  # the bit RSV1 of the first byte of a message
SYNC_MARK = b"\x00\x00\xff\xff"  # ends each message; left out, as the standard says


class StatelessDeflate(PerMessageDeflate):
    """Autobahn's extension, without what it keeps after each message."""

    def decompress_message_data(self, data: bytes, max_output_len: int | None = None) -> bytes:
        """Unpack a part of a message. Raises PayloadExceededError if there is more than allowed.

        Autobahn ignores what zlib still holds when it has unpacked exactly as much as is allowed.
        """
        unpacked: bytes = super().decompress_message_data(data, max_output_len)  # type: ignore[no-untyped-call]
        assert self._decompressor is not None, "a message began"
        if self._decompressor.decompress(b"", 1):
            raise PayloadExceededError("the message is too long")
        return unpacked

    def end_decompress_message(self) -> None:
        super().end_decompress_message()  # type: ignore[no-untyped-call]
        self._decompressor = None


def enable() -> None:
    """Make autobahn use StatelessDeflate on all connections."""
    PERMESSAGE_COMPRESSION_EXTENSION["permessage-deflate"]["PMCE"] = StatelessDeflate


def accept(offers: Iterable[Any]) -> PerMessageDeflateOfferAccept | None:
    """The answer to a client's offers; None if none of them allows frames to be shared, or if
    SOCKET_COMPRESSION is off.
    """
    for offer in offers if settings.SOCKET_COMPRESSION else ():
        is_deflate = isinstance(offer, PerMessageDeflateOffer)
        if is_deflate and offer.request_max_window_bits in {0, WINDOW_BITS}:
            # Both may be demanded of a client that has not offered them, which autobahn forbids.
            offer.request_no_context_takeover = offer.accept_no_context_takeover = True
            return PerMessageDeflateOfferAccept(  # type: ignore[no-untyped-call]
                offer, request_no_context_takeover=True, max_message_size=MAX_INBOUND_BYTES
            )
    return None


class SharedMessage:
    """A text message as it is sent to sockets, with and without compression."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload

    def bytes_for(self, *, compresses: bool) -> bytes:
        """The message for a socket. compresses: whether compression was agreed with its client."""
        if compresses and len(self._payload) >= MIN_COMPRESSED_BYTES:
            return self._compressed
        return self._plain

    @cached_property
    def _plain(self) -> bytes:
        return _message(self._payload)

    @cached_property
    def _compressed(self) -> bytes:
        message = bytearray(_message(_deflated(self._payload)))
        message[0] |= IS_COMPRESSED
        return bytes(message)


def _message(payload: bytes) -> bytes:
    """A text message of one WebSocket frame."""
    prepared = PreparedMessage(payload, isBinary=False, applyMask=False, doNotCompress=True)
    framed: bytes = prepared.payloadHybi
    return framed


def _deflated(payload: bytes) -> bytes:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -WINDOW_BITS)
    deflated = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return deflated.removesuffix(SYNC_MARK)
