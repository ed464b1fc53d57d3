"""One socket of whatever kind: let in, heard, failed and parted from, always in the same way."""

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
    """Subclasses say who is let in, what is done with a text, and what is given up at the end."""

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
        self._is_let_in = False
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Without a channel of its own: the process has one, in the hub."""
        self.scope, self.base_send, self.channel_layer = scope, send, None
        is_open = self.meter.open.track_inprogress()
        with suppress(StopConsumer), is_open, self.meter.age_seconds.time():
            while True:
                message = await receive()
                await getattr(self, message["type"].replace(".", "_"))(message)

    @abstractmethod
    async def _let_in(self) -> None:
        """Decide whether this socket may stay. Raises RealtimeError if not."""

    @abstractmethod
    async def _hear(self, text: str | None) -> None:
        """Take in a text frame; None for a binary one. Raises RealtimeError to end the socket."""

    @abstractmethod
    async def _give_up(self) -> None:
        """Return all that was taken, whether it was let in or not."""

    async def websocket_connect(self, message: Any) -> None:
        """Accept first: a browser cannot read why a handshake was refused, but a code it can."""
        await self.accept()
        await self._guarded(self._let_in())

    async def websocket_receive(self, message: Any) -> None:
        if not self._is_closed:
            await self._guarded(self._hear(message.get("text")))

    @property
    def _user_id(self) -> int | None:
        """Who it is, once that is known."""
        return None

    def _sign_lines(self) -> None:
        """From here on, lines of the log are about this socket, whoever asked for the work.

        No need to take it back: each piece of a socket's work is in a task of its own.
        """
        context.socket_id.set(self._id)
        context.user_id.set(self._user_id)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """One of three edges that catch broadly: one socket's failure never ends the process."""
        self._sign_lines()
        with self._isolated(getattr(work, "__name__", "")):
            await self._caught(work)

    def _isolated(self, kind: str) -> AbstractContextManager[None]:
        """What goes wrong within is told of this socket and this piece of its work alone."""
        return reporting.isolated_scope(
            user_id=self._user_id, consumer=self.label, kind=kind.strip("_"), socket_id=self._id
        )

    async def _caught(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RealtimeError as error:
            await self.part(error)
        except Exception:
            logger.exception("A socket failed", extra={"action": "ws_failed"})
            await self.part(RealtimeError())

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run this beside the frames that come in, until the socket goes."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_let_in(self) -> None:
        """The door is behind this socket: whatever ends it from now on is no refusal."""
        self._is_let_in = True
        self.meter.accepted.inc()

    async def _say(self, text: FrameText) -> None:
        """Hand a frame to the server."""
        await self.base_send({"type": "websocket.send", "text": text})
        self.meter.sent[text.kind].count(text.size)

    async def part(self, why: RealtimeError, retry_after_ms: int = 1000) -> None:
        """Cut the data path first, then say goodbye."""
        if self._is_closed:
            return
        self._is_closed = True
        self._sign_lines()
        code = why.close_code
        await self._leave()
        if code < CloseCode.BROKEN_PROTOCOL:
            await self._say(server_frames.goodbye(code, retry_after_ms))
        self._count_end(why)
        logger.info("Socket closed", extra={"action": "ws_closed", "code": int(code)})
        await self.close(code=int(code))

    def _count_end(self, why: RealtimeError) -> None:
        if not self._is_let_in:
            self.meter.refused[why.refusal_reason].inc()
        if isinstance(why, SlowReader):
            self.meter.slow_readers.inc()
        self.meter.closed(why.close_code)

    async def _leave(self) -> None:
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await self._give_up()

    async def websocket_disconnect(self, message: Any) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._sign_lines()
            self.meter.closed(message.get("code"))
            logger.info("Socket gone", extra={"action": "ws_gone", "code": message.get("code")})
            with self._isolated("leave"):
                await self._leave()
        raise StopConsumer
