"""The web process on daphne, with limits on what comes in and a decent way to stop."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from twisted.internet.defer import Deferred
from twisted.web.http import HTTPChannel

from project.servers import FINISH_SECONDS, HANDSHAKE_SECONDS
from realtime.hub.hub import current_hub
from realtime.protocol.server_frames import MAX_INBOUND_BYTES, FrameText

logger = logging.getLogger(__name__)

CALLERS_QUEUED = 1024  # Twisted's 50 are full at once in a storm; who is not queued waits a second


class UnreadRequest(WebRequest):
    """Forms are Django's to read. Twisted would read each before it, as a whole and on the loop,
    and refuse without a word what it cannot read.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)


class PromptChannel(HTTPChannel):
    """Twisted starts its clock anew with every byte; here the head of a request is due in time."""

    def connectionMade(self) -> None:
        self.requestFactory = UnreadRequest  # daphne has just set its own
        # Set at once: to bring a timer forward, Twisted looks for it among those of all sockets.
        usual, self.timeOut = self.timeOut, HANDSHAKE_SECONDS
        super().connectionMade()
        self.timeOut = usual

    def allHeadersReceived(self) -> None:
        self.setTimeout(self.timeOut)
        super().allHeadersReceived()

    def resetTimeout(self) -> None:
        if not self.line_mode:  # a body may take its time
            super().resetTimeout()


class InboundLimitedProtocol(WebSocketProtocol):
    """autobahn holds one limit against both directions; ours is for what comes in."""

    maxMessagePayloadSize: int

    def connectionMade(self) -> None:
        self._share_settings()
        super().connectionMade()
        self.failByDrop = False  # a client that breaks a rule is told which, by the close code

    def _share_settings(self) -> None:
        """autobahn copies thirty settings to each connection, and composes a page of log of them;
        they are the same for all.
        """
        for name in self.CONFIG_ATTRS:
            value = getattr(self.factory, name)
            setattr(type(self), name, staticmethod(value) if callable(value) else value)
        type(self).CONFIG_ATTRS = []

    def sendMessage(self, *args: Any, **kwargs: Any) -> None:
        limit: int = self.maxMessagePayloadSize
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(*args, **kwargs)
        finally:
            self.maxMessagePayloadSize = limit

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: FBT001, FBT002
        """However many sockets a text goes to, its frame is made once."""
        if not isinstance(content, FrameText):
            super().serverSend(content, binary)
            return
        if content.encoded is None:
            content.encoded = self.factory.prepareMessage(content.encode())
        if self.state == self.STATE_OPEN:
            self.sendPreparedMessage(content.encoded)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: FBT001, FBT002
        """Straight to the socket while nothing waits before it.

        Twisted would queue, ask to be woken, copy, write, and ask not to be woken any more: half
        of the time that a busy board costs. autobahn composes a coloured log line here as well.
        """
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
            return
        written = self._write_at_once(data) if self._is_quiet() else 0
        if written < len(data):
            self.transport.write(data[written:])

    def _is_quiet(self) -> bool:
        """Whether all that was sent before has been handed to the system."""
        transport = self.transport
        waiting = transport.dataBuffer or transport._tempDataBuffer
        return bool(transport.connected and not waiting and not transport.disconnecting)

    def _write_at_once(self, data: bytes) -> int:
        """Bytes written; none on a lost connection, which the transport finds out by itself."""
        written = self.transport.writeSomeData(data)
        return written if isinstance(written, int) else 0


class DrainingServer(Server):
    """On SIGTERM: accept nobody new, say goodbye, let what is under way finish, then stop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    def kill_all_applications(self) -> Deferred[Any]:
        """daphne cancels every application here, disconnect handlers and all; we drain first."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        for port in self._ports:
            port.stopListening()
        await current_hub().sockets.drain(settings.DRAIN_SECONDS)
        # A connection that is kept alive between requests has no application.
        under_way = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        cut_short = (await asyncio.wait(under_way, timeout=FINISH_SECONDS))[1] if under_way else ()
        for application in cut_short:
            application.cancel()
        logger.info("Drained; %d requests or sockets were cut short", len(cut_short))


def serve(application: Any, *, host: str, port: int) -> None:
    """Serve pages and sockets until SIGTERM."""
    HTTPFactory.protocol = PromptChannel  # daphne builds its factories itself
    WebSocketFactory.protocol = InboundLimitedProtocol
    DrainingServer(
        application=application,
        endpoints=[
            f"{endpoint}:backlog={CALLERS_QUEUED}"
            for endpoint in build_endpoint_description_strings(host=host, port=port)
        ],
        websocket_max_message_size=MAX_INBOUND_BYTES,
        websocket_max_frame_size=MAX_INBOUND_BYTES,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        ping_interval=settings.SOCKET_PING_SECONDS,
        ping_timeout=settings.SOCKET_PING_SECONDS,
        server_name="",
    ).run()
