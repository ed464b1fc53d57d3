"""Base of all WebSocket consumers: accepting, receiving, error handling, metrics and closing."""

from __future__ import annotations

import asyncio
import logging
import secrets
from abc import abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractContextManager, suppress
from time import perf_counter
from typing import Any, ClassVar

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from monitoring.logs import context
from monitoring.metrics.socket_metrics import SocketMetrics
from monitoring.sentry import reporting
from realtime.protocol import server_frames
from realtime.protocol.client_frames import PARSERS
from realtime.protocol.close_codes import WEBSOCKET_CLOSE_CODES, CloseCode
from realtime.protocol.errors import REFUSAL_REASONS, RealtimeError, SlowReader
from realtime.protocol.server_frames import FRAME_KINDS, FrameText

logger = logging.getLogger(__name__)

SOCKET_ID_BYTES = 4  # enough to tell the sockets of a day apart in the log


class SocketConsumer(AsyncWebsocketConsumer):
    """Subclasses decide who may connect, how frames are handled, and what to release at the end.

    label: the value of the label `consumer` in metrics.
    """

    label: ClassVar[str]
    meter: ClassVar[SocketMetrics]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "label" in vars(cls):
            cls.meter = SocketMetrics(
                cls.label,
                sent=FRAME_KINDS,
                received=PARSERS,
                reasons=REFUSAL_REASONS,
                codes=(*CloseCode, *WEBSOCKET_CLOSE_CODES),
            )

    def __init__(self) -> None:
        super().__init__()
        self._began = perf_counter()
        self._id = secrets.token_hex(SOCKET_ID_BYTES)
        self._is_admitted = False
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Like Channels' own, but without a channel per socket: the hub has one for the process."""
        self.scope, self.base_send, self.channel_layer = scope, send, None
        is_open = self.meter.open.track_inprogress()
        with suppress(StopConsumer), is_open, self.meter.age_seconds.time():
            while True:
                message = await receive()
                await getattr(self, message["type"].replace(".", "_"))(message)

    @abstractmethod
    async def _admit(self) -> None:
        """Check the handshake. Raises RealtimeError to close the socket."""

    @abstractmethod
    async def _receive(self, text: str | None) -> None:
        """Handle a frame; None for a binary one. Raises RealtimeError to close the socket."""

    @abstractmethod
    async def _release(self) -> None:
        """Release everything the socket holds, whether it was admitted or not."""

    async def websocket_connect(self, message: Any) -> None:
        """Accept before checking: browsers can read a close code, but not a refused handshake."""
        await self.accept()
        await self._guarded(self._admit())

    async def websocket_receive(self, message: Any) -> None:
        if not self._is_closed:
            await self._guarded(self._receive(message.get("text")))

    @property
    def _user_id(self) -> int | None:
        """The user of this socket, once known."""
        return None

    def _set_log_context(self) -> None:
        """Add this socket's id to all log lines of the current task.

        There is no need to reset it, since each socket works in tasks of its own.
        """
        context.socket_id.set(self._id)
        context.user_id.set(self._user_id)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a part of the socket's work. Any error closes the socket, and is reported with it."""
        self._set_log_context()
        with self._error_scope(getattr(work, "__name__", "")):
            await self._close_on_error(work)

    def _error_scope(self, kind: str) -> AbstractContextManager[None]:
        """Errors reported within carry the tags of this socket and this kind of work."""
        return reporting.isolated_scope(
            user_id=self._user_id, consumer=self.label, kind=kind.strip("_"), socket_id=self._id
        )

    async def _close_on_error(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RealtimeError as error:
            await self.close_with(error)
        except Exception:
            logger.exception("A socket failed", extra={"action": "ws_failed"})
            await self.close_with(RealtimeError())

    def _run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run this while frames are received. It is cancelled when the socket closes."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _mark_admitted(self) -> None:
        """From now on, a close is not counted as a refusal."""
        self._is_admitted = True
        self.meter.accepted.inc()

    async def _send_frame(self, text: FrameText) -> None:
        """Hand a frame to the server."""
        await self.base_send({"type": "websocket.send", "text": text})
        self.meter.sent[text.kind].count(text.size)

    async def close_with(self, error: RealtimeError, retry_after_ms: int = 1000) -> None:
        """Stop sending data, then say goodbye if the client should reconnect, then close."""
        if self._is_closed:
            return
        self._is_closed = True
        self._set_log_context()
        code = error.close_code
        await self._tear_down()
        if code < CloseCode.BROKEN_PROTOCOL:
            await self._send_frame(server_frames.goodbye(code, retry_after_ms))
        self._count_close(error)
        logger.info("Socket closed", extra={"action": "ws_closed", "code": int(code)})
        await self.close(code=int(code))

    def _count_close(self, error: RealtimeError) -> None:
        if not self._is_admitted:
            self.meter.refused[error.refusal_reason].inc()
        if isinstance(error, SlowReader):
            self.meter.slow_readers.inc()
        self.meter.closed(error.close_code)

    async def _tear_down(self) -> None:
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await self._release()

    async def websocket_disconnect(self, message: Any) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._set_log_context()
            self.meter.closed(message.get("code"))
            logger.info(
                "Socket closed by the client",
                extra={"action": "ws_gone", "code": message.get("code")},
            )
            with self._error_scope("leave"):
                await self._tear_down()
        raise StopConsumer
