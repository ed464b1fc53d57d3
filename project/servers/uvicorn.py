"""Uvicorn with the same limits and graceful stop as `project.servers.daphne`."""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import BaseTransport, TimerHandle
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import h11
from django.conf import settings
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from project.servers import FINISH_SECONDS, HANDSHAKE_SECONDS, REQUEST_SECONDS
from project.servers.header_limit import LINGER_SECONDS, MAX_HEADER_BYTES, refusal_of
from realtime.hub.hub import current_hub
from realtime.protocol.server_frames import MAX_INBOUND_BYTES

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05


class HeaderLimitedConnection(h11.Connection):
    """Refuses requests as `header_limit` says. refused: the status for the answer."""

    refused = HTTPStatus.BAD_REQUEST

    def next_event(self) -> Any:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
                is_url = b"\n" not in self.trailing_data[0]
                too_long = HTTPStatus.REQUEST_URI_TOO_LONG
                self.refused = too_long if is_url else HTTPStatus(error.error_status_hint)
            raise
        if isinstance(event, h11.Request):
            self._check(event)
        return event

    def _check(self, request: h11.Request) -> None:
        line = len(request.method) + len(request.target) + len(b"  HTTP/1.1")
        refused = refusal_of(line, request.headers, version=request.http_version)
        names = {name for name, _value in request.headers}
        if {b"content-length", b"transfer-encoding"} <= names:  # two opinions where the body ends
            refused = HTTPStatus.BAD_REQUEST
        if refused:
            self.refused = refused
            raise h11.RemoteProtocolError(refused.phrase, error_status_hint=refused)


class HeaderLimitedProtocol(H11Protocol):
    """Limits the headers of a request, and the time until they are complete."""

    conn: HeaderLimitedConnection
    _deadline: TimerHandle | None = None
    _is_refused = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = HeaderLimitedConnection(h11.SERVER, MAX_HEADER_BYTES)

    def send_400_response(self, msg: str) -> None:
        """Answer without a body, and read on for a moment: a reset would discard the answer."""
        self._is_refused = True
        headers = [(b"connection", b"close"), (b"content-length", b"0")]
        status = self.conn.refused
        answer = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
        for event in (answer, h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # narrower than asyncio's own
        self._start_header_timeout()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_header_timeout()
        elif self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _start_header_timeout(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HANDSHAKE_SECONDS, self.transport.close)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Sends the close code before it closes, and aborts if the client does not read.

    Closing a transport waits until the client has read all buffered data, which may be never, and
    loses the close frame if the client is still writing.
    """

    def handle_parser_exception(self) -> None:
        if self.close_sent:
            return
        self.close_sent = True
        reason = self.conn.close_sent
        code = 1006 if reason is None else reason.code
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.write_eof()
        self.close_timer = self._abort_later()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self._abort_later()

    def _abort_later(self) -> TimerHandle:
        return self.loop.call_later(FINISH_SECONDS, self.transport.abort)


class DrainingServer(Server):
    """On SIGTERM: stops listening, drains sockets, lets running requests finish, then stops."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                logger.info("Listening on TCP address %s:%s", host, port)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Exit with code 0. uvicorn would raise the signal again, which looks like a failure."""
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        for server in self.servers:
            await _close_after_accepting_all(server)
        await asyncio.sleep(REQUEST_SECONDS)
        await current_hub().sockets.drain(settings.DRAIN_SECONDS)
        await self._finish()
        logger.info("Drained; %d requests or sockets were cut short", len(self.server_state.tasks))
        await super().shutdown(sockets)

    async def _finish(self) -> None:
        """Wait for running requests, and for the clients' answers to the close frames."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while self._is_busy():  # noqa: ASYNC110  uvicorn has no event for this
                    await asyncio.sleep(POLL_SECONDS)

    def _is_busy(self) -> bool:
        connections = self.server_state.connections
        return bool(self.server_state.tasks) or any(
            isinstance(connection, WebSocketProtocol) for connection in connections
        )


async def _close_after_accepting_all(server: Any) -> None:
    """Stop listening, and serve the connections that the system has accepted for us.

    As in `project.servers.daphne`. asyncio has no public way to accept outside its own loop.
    """
    loop = asyncio.get_running_loop()
    waiting = [one for listener in server.sockets for one in _accepted(listener._sock)]
    server.close()
    for connection in waiting:
        await loop.connect_accepted_socket(server._protocol_factory, connection)


def _accepted(listener: socket.socket) -> list[socket.socket]:
    """The connections that wait at a non-blocking listener."""
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(listener.accept()[0])
    return found


def serve(application: Any, *, host: str, port: int, listener: socket.socket | None = None) -> None:
    """Serve HTTP and WebSockets until SIGTERM. listener: instead of host and port."""
    config = Config(
        application,
        host=host,
        port=port,
        loop="asyncio",
        http=HeaderLimitedProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MAX_INBOUND_BYTES,
        ws_ping_interval=settings.SOCKET_PING_SECONDS,
        ws_ping_timeout=settings.SOCKET_PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="warning",  # info would log every handshake with the client's address
        access_log=False,
        proxy_headers=False,  # anybody can send them; monitoring.http.client_address decides
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    DrainingServer(config).run(sockets=None if listener is None else [listener])
