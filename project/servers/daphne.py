"""Daphne with header timeouts, limits on inbound messages and a graceful stop."""

from __future__ import annotations

import asyncio
import logging
import socket
from http import HTTPStatus
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from project.servers import (
    FINISH_SECONDS,
    HANDSHAKE_SECONDS,
    LISTEN_BACKLOG,
    REQUEST_SECONDS,
    compression,
)
from project.servers.body_limit import limit_for
from project.servers.header_limit import (
    LINGER_SECONDS,
    MAX_HEADER_BYTES,
    MAX_HEADER_LINES,
    MAX_LINE_BYTES,
    HeaderLines,
)
from realtime.hub.hub import current_hub
from realtime.protocol.server_frames import MAX_INBOUND_BYTES, FrameText

logger = logging.getLogger(__name__)


class UnparsedFormRequest(WebRequest):
    """Leaves forms to Django.

    Twisted would parse every form first, whole and on the event loop, and answer 400 without a body
    if it cannot.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)


class HeaderLimitedChannel(HTTPChannel):
    """Limits the headers of a request, and the time until they are complete.

    Twisted restarts its timeout with every byte, so a slow client could hold a connection for ever.
    """

    # Twisted's own limits answer 400, or not at all; those of HeaderLines are reached before.
    MAX_LENGTH = MAX_LINE_BYTES
    totalHeadersSize = 2 * MAX_HEADER_BYTES
    maxHeaders = 2 * MAX_HEADER_LINES

    def connectionMade(self) -> None:
        self._header_lines, self._is_refused = HeaderLines(), False
        self.requestFactory = UnparsedFormRequest  # replaces daphne's, which was set just before
        # Set before the timer starts: shortening it later makes Twisted search all timers.
        body_timeout, self.timeOut = self.timeOut, HANDSHAKE_SECONDS
        super().connectionMade()
        self.timeOut = body_timeout

    def dataReceived(self, data: bytes) -> None:
        if not self._is_refused:
            super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        if self._is_refused:
            return
        if refused := self._header_lines.add(line):
            self._refuse(refused)
        else:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        is_url = self._header_lines.is_at_start
        self._refuse(
            HTTPStatus.REQUEST_URI_TOO_LONG
            if is_url
            else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        )

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer without a body, and read on for a moment: a reset would discard the answer."""
        self._is_refused = True
        transport: Any = self.transport
        transport.write(
            b"HTTP/1.1 %d %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            % (status, status.phrase.encode())
        )
        transport.loseWriteConnection()
        self.setTimeout(LINGER_SECONDS)

    def allHeadersReceived(self) -> None:
        self.setTimeout(self.timeOut)
        headers = self.requests[-1].requestHeaders
        headers.removeHeader(b"daphne-root-path")  # anybody could change the links of a page
        kind = headers.getRawHeaders(b"content-type", [b""])[0]
        self._body_limit, self._body_bytes = limit_for(kind), 0
        is_too_large = self.length is not None and self.length > self._body_limit
        if is_too_large:
            headers.removeHeader(b"expect")  # or the client would be asked for the body
            self.length = 0  # hands the request to the application, which sees what was declared
        super().allHeadersReceived()
        if is_too_large:
            self.persistent = False  # the rest of the connection is a body that nobody reads

    def rawDataReceived(self, data: bytes) -> None:
        """Counts a body without a declared length (chunked), which could be endless."""
        if not self._handlingRequest and self.length is None:
            self._body_bytes += len(data)
            if self._body_bytes > self._body_limit:
                self._refuse_chunked_body()
                return
        super().rawDataReceived(data)

    def _refuse_chunked_body(self) -> None:
        headers = self.requests[-1].requestHeaders
        headers.removeHeader(b"transfer-encoding")
        headers.setRawHeaders(b"content-length", [b"%d" % self._body_bytes])
        self.requests[-1].gotLength(0)
        self.persistent = False
        self.allContentReceived()

    def resetTimeout(self) -> None:
        if not self.line_mode:  # only bodies restart the timeout
            super().resetTimeout()


class InboundLimitedProtocol(WebSocketProtocol):
    """Limits the size of inbound messages only; autobahn limits both directions."""

    maxMessagePayloadSize: int

    def connectionMade(self) -> None:
        self._share_settings()
        super().connectionMade()
        self.failByDrop = False  # send a close code when a client violates the protocol

    def _share_settings(self) -> None:
        """Set the protocol settings once on the class.

        autobahn copies 30 settings to each connection and formats them for its log, although they
        are the same for all connections.
        """
        for name in self.CONFIG_ATTRS:
            value = getattr(self.factory, name)
            setattr(type(self), name, staticmethod(value) if callable(value) else value)
        type(self).perMessageCompressionAccept = staticmethod(compression.accept)
        type(self).CONFIG_ATTRS = []

    def sendMessage(self, *args: Any, **kwargs: Any) -> None:
        limit: int = self.maxMessagePayloadSize
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(*args, doNotCompress=True, **kwargs)
        finally:
            self.maxMessagePayloadSize = limit

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: FBT001, FBT002
        """Send a message. A FrameText is encoded, and compressed, once for all its sockets."""
        if not isinstance(content, FrameText):
            super().serverSend(content, binary)
            return
        if content.encoded is None:
            content.encoded = compression.SharedMessage(content.encode())
        if self.state == self.STATE_OPEN:
            compresses = self._perMessageCompress is not None
            self.sendData(content.encoded.bytes_for(compresses=compresses))

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: FBT001, FBT002
        """Write directly to the socket if nothing is buffered before.

        Twisted would buffer the data, register for a write event, copy, write and unregister, and
        autobahn would format a log line: half of the CPU time of a busy board.
        """
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
            return
        written = self._write_directly(data) if self._has_empty_buffer() else 0
        if written < len(data):
            self.transport.write(data[written:])

    def _has_empty_buffer(self) -> bool:
        """Return True if everything sent before is with the operating system."""
        transport = self.transport
        # Twisted has no public way to ask. Without these two attributes every frame would fail;
        # without the check frames could overtake each other.
        buffered = transport.dataBuffer or transport._tempDataBuffer
        return bool(transport.connected and not buffered and not transport.disconnecting)

    def _write_directly(self, data: bytes) -> int:
        """Return the number of bytes written; 0 if the connection is lost."""
        written = self.transport.writeSomeData(data)
        return written if isinstance(written, int) else 0


class DrainingServer(Server):
    """On SIGTERM: stops listening, drains sockets, lets running requests finish, then stops."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    def kill_all_applications(self) -> Deferred[Any]:
        """Drain before stopping. daphne would cancel all requests and disconnect handlers."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        for port in self._ports:
            _close_after_accepting_all(port)
        await asyncio.sleep(REQUEST_SECONDS)
        await current_hub().sockets.drain(settings.DRAIN_SECONDS)
        # An idle keep-alive connection has no application.
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        unfinished = (await asyncio.wait(running, timeout=FINISH_SECONDS))[1] if running else ()
        for application in unfinished:
            application.cancel()
        logger.info("Drained; %d requests or sockets were cut short", len(unfinished))


def _close_after_accepting_all(port: Any) -> None:
    """Stop listening, and serve the connections that the system has accepted for us.

    Closing a port resets those, and a proxy must not repeat a request that changes something.
    Twisted's `stopListening` accepts none of them, and closes one turn of the loop later.
    """
    port.numberAccepts = LISTEN_BACKLOG
    port.doRead()
    port.connectionLost(Failure(ConnectionDone()))


def serve(application: Any, *, host: str, port: int, listener: socket.socket | None = None) -> None:
    """Serve HTTP and WebSockets until SIGTERM. listener: instead of host and port."""
    HTTPFactory.protocol = HeaderLimitedChannel  # on the class: daphne creates the factories
    WebSocketFactory.protocol = InboundLimitedProtocol
    compression.enable()
    DrainingServer(
        application=application,
        endpoints=_endpoints(host, port, listener),
        websocket_max_message_size=MAX_INBOUND_BYTES,
        websocket_max_frame_size=MAX_INBOUND_BYTES,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        ping_interval=settings.SOCKET_PING_SECONDS,
        ping_timeout=settings.SOCKET_PING_SECONDS,
        server_name="",
    ).run()


def _endpoints(host: str, port: int, listener: socket.socket | None) -> list[str]:
    """Where to listen, as Twisted describes it."""
    if listener is not None:
        return [f"fd:fileno={listener.detach()}"]  # Twisted copies and closes it
    tcp = build_endpoint_description_strings(host=host, port=port)
    return [f"{endpoint}:backlog={LISTEN_BACKLOG}" for endpoint in tcp]
