"""The web process on uvicorn: the same limits and the same way to stop as on daphne."""

from __future__ import annotations

import asyncio
import logging
from asyncio import BaseTransport, TimerHandle
from contextlib import suppress
from typing import Any

import h11
from django.conf import settings
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from project.servers import FINISH_SECONDS, HANDSHAKE_SECONDS
from realtime.hub.hub import current_hub
from realtime.protocol.server_frames import MAX_INBOUND_BYTES

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.05


class PromptHttp(H11Protocol):
    """uvicorn waits for ever for the head of a request; here it is due in time."""

    _deadline: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # narrower than asyncio's own
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._expect_head()
        elif self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HANDSHAKE_SECONDS, self.transport.close)


class CandidSocket(WebSocketsSansIOProtocol):
    """A client that breaks a rule can read which; one that reads nothing is let go all the same.

    Closing a transport first waits until all that is buffered is read, which may be never, and
    loses the reason when the client is still writing.
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
    """On SIGTERM: accept nobody new, say goodbye, let what is under way finish, then stop."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                logger.info("Listening on TCP address %s:%s", host, port)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """A stop that was asked for is no failure: uvicorn would raise the signal once more."""
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        for server in self.servers:
            server.close()
        await current_hub().sockets.drain(settings.DRAIN_SECONDS)
        await self._finish()
        logger.info("Drained; %d requests or sockets were cut short", len(self.server_state.tasks))
        await super().shutdown(sockets)

    async def _finish(self) -> None:
        """Requests end, and sockets once their clients have answered the close."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while self._is_busy():  # noqa: ASYNC110  uvicorn tells nobody when they end
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _is_busy(self) -> bool:
        held = self.server_state.connections
        return bool(self.server_state.tasks) or any(isinstance(it, CandidSocket) for it in held)


def serve(application: Any, *, host: str, port: int) -> None:
    """Serve pages and sockets until SIGTERM."""
    config = Config(
        application,
        host=host,
        port=port,
        loop="asyncio",
        http=PromptHttp,
        ws=CandidSocket,
        ws_max_size=MAX_INBOUND_BYTES,
        ws_ping_interval=settings.SOCKET_PING_SECONDS,
        ws_ping_timeout=settings.SOCKET_PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="warning",  # it would tell of every handshake, and from where
        access_log=False,
        proxy_headers=False,  # a header that anyone can send does not say who asks
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    DrainingServer(config).run()
