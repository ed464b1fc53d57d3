"""One socket that follows one topic: admitted at the door, then fed ready-made text by the hub."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, ClassVar

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import User

from monitoring.metrics import FRAMES_RECEIVED, FRAMES_SENT, SOCKETS_CLOSED, SOCKETS_OPEN
from realtime import door, protocol
from realtime.database import in_database
from realtime.errors import BrokenProtocol, NotAllowed, RealtimeError, SignedOut, TooMuch
from realtime.hub import this_hub
from realtime.inbound import Ack, Hello, Inbound, Mistake, Ping, Watching, read
from realtime.limits import MESSAGE_BURST, MESSAGES_PER_SECOND, TokenBucket
from realtime.names import display_name, initials
from realtime.origins import address_of, is_trusted, origin_of
from realtime.protocol import CloseCode
from realtime.subscription import Subscription

logger = logging.getLogger(__name__)

MAX_MISTAKES = 20  # a client that only sends errors is stopped
TICKET_WITHIN_SECONDS = 2.0  # without a session the first frame must bring a ticket
ASK_AGAIN_SECONDS = 60.0  # sessions run out without anybody's doing


class LiveConsumer(AsyncWebsocketConsumer):
    """Subclasses say which topic, from the address and the person."""

    label: ClassVar[str]
    shows_watchers: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._person: User | None = None
        self._session_key: str | None = None
        self._topic = ""
        self._subscription: Subscription | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._messages = TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST)
        self._mistakes = 0
        self._is_closed = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Without a channel of its own: the process has one, in the hub."""
        self.scope, self.base_send, self.channel_layer = scope, send, None
        with suppress(StopConsumer), SOCKETS_OPEN.labels(self.label).track_inprogress():
            while True:
                message = await receive()
                await getattr(self, message["type"].replace(".", "_"))(message)

    def topic_for(self, person: User) -> str:
        """The topic of this address. Derived here, never taken from a frame."""
        raise NotImplementedError

    async def websocket_connect(self, message: Any) -> None:
        """Accept first: a browser cannot read why a handshake was refused, but a code it can."""
        await self.accept()
        await self._guarded(self._let_in())

    async def websocket_receive(self, message: Any) -> None:
        if not self._is_closed:
            await self._guarded(self._hear(message.get("text")))

    async def _guarded(self, work: Any) -> None:
        """One of three edges that catch broadly: one socket's failure never ends the process."""
        try:
            await work
        except RealtimeError as error:
            await self.part(error.close_code)
        except Exception:
            logger.exception("A socket failed", extra={"action": "ws_failed"})
            await self.part(CloseCode.GOING_AWAY)

    async def _let_in(self) -> None:
        if not is_trusted(self.scope):
            raise NotAllowed
        this_hub().sockets.admit(self, address_of(self.scope))
        self._session_key = self.scope["session"].session_key
        person = await in_database(door.person_of_session, self._session_key)
        if person is not None:
            await self._admit(person)
        patience = protocol.HELLO_WITHIN_SECONDS if person else TICKET_WITHIN_SECONDS
        code = CloseCode.BROKEN_PROTOCOL if person else CloseCode.SIGNED_OUT
        self._tasks.append(asyncio.create_task(self._expect_hello(patience, code)))

    async def _admit(self, person: User) -> None:
        self._topic = await in_database(self.topic_for, person)
        self._person = person
        this_hub().sockets.claim(self, person.pk)
        await self._check()
        this_hub().doorkeeper.admit(person.pk, self.ask_again)

    async def _check(self) -> None:
        """Raises what the door says against this socket."""
        user_id = None if self._person is None else self._person.pk
        code = await in_database(door.refusal_of, self._session_key, user_id, self._topic)
        if code is not None:
            raise SignedOut if code == CloseCode.SIGNED_OUT else NotAllowed

    async def _expect_hello(self, seconds: float, code: CloseCode) -> None:
        await asyncio.sleep(seconds)
        if self._subscription is None:
            await self.part(code)

    def ask_again(self) -> None:
        """Hold back everything until the door has been asked once more."""
        if self._subscription is not None:
            self._subscription.mailbox.hold()
        self._tasks.append(asyncio.create_task(self._guarded(self._recheck())))

    async def _recheck(self) -> None:
        await self._check()
        if self._subscription is not None:
            self._subscription.mailbox.release()

    async def _check_regularly(self) -> None:
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            await self._guarded(self._recheck())

    async def _hear(self, text: str | None) -> None:
        try:
            if not self._messages.take():
                raise Mistake("too_fast", "Slow down.")
            frame = read(text)
        except Mistake as mistake:
            await self._complain(mistake)
            return
        FRAMES_RECEIVED.labels(self.label, type(frame).__name__.lower()).inc()
        if (self._subscription is None) != isinstance(frame, Hello):
            raise BrokenProtocol("The first frame, and only the first, is hello.")
        await self._obey(frame)

    async def _obey(self, frame: Inbound) -> None:
        match frame:
            case Hello():
                await self._follow(frame)
            case Ack(position=position) if self._subscription is not None:
                self._subscription.mailbox.acknowledge(position)
            case Watching(key=key) if self.shows_watchers and self._person is not None:
                await this_hub().presence.watch(self._topic, self._person.pk, key)
            case Ping(ref=ref):
                await self.send(text_data=protocol.pong(ref))

    async def _complain(self, mistake: Mistake) -> None:
        self._mistakes += 1
        if self._mistakes > MAX_MISTAKES:
            raise TooMuch if mistake.code == "too_fast" else BrokenProtocol
        await self.send(text_data=protocol.error(mistake.code, mistake.detail))

    async def _follow(self, hello: Hello) -> None:
        """Subscribe, then snapshot, then drain."""
        person = self._person or await self._redeem(hello)
        self._subscription = await this_hub().subscribe(
            self._topic, epoch=hello.epoch, position=hello.position
        )
        writer = self._guarded(self._write(self._subscription))
        self._tasks += [asyncio.create_task(writer), asyncio.create_task(self._check_regularly())]
        if self.shows_watchers:
            await this_hub().presence.join(
                self._topic, person.pk, display_name(person), initials(person)
            )

    async def _redeem(self, hello: Hello) -> User:
        origin = origin_of(self.scope)
        if hello.ticket is None:
            raise SignedOut
        person = await in_database(door.redeem_ticket, hello.ticket, origin)
        if person is None:
            raise SignedOut
        self._session_key = None
        await self._admit(person)
        return person

    async def _write(self, subscription: Subscription) -> None:
        while True:
            await self.send(text_data=await subscription.mailbox.take())
            FRAMES_SENT.labels(self.label, "stream").inc()

    async def part(self, code: CloseCode, retry_after_ms: int = 1000) -> None:
        """Cut the data path first, then say goodbye."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._leave()
        if code < CloseCode.BROKEN_PROTOCOL:
            await self.send(text_data=protocol.goodbye(code, retry_after_ms))
        SOCKETS_CLOSED.labels(self.label, str(int(code))).inc()
        logger.info("Socket closed", extra={"action": "ws_closed", "code": int(code)})
        await self.close(code=int(code))

    async def _leave(self) -> None:
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        this_hub().sockets.discharge(self)
        subscription, self._subscription = self._subscription, None
        if self._person is not None:
            this_hub().doorkeeper.forget(self._person.pk, self.ask_again)
            if subscription is not None and self.shows_watchers:
                await this_hub().presence.leave(self._topic, self._person.pk)
        if subscription is not None:
            await this_hub().unsubscribe(self._topic, subscription)

    async def websocket_disconnect(self, message: Any) -> None:
        if not self._is_closed:
            self._is_closed = True
            logger.info("Socket gone", extra={"action": "ws_gone", "code": message.get("code")})
            await self._leave()
        raise StopConsumer
