"""One socket that follows one topic: admitted at the door, then fed ready-made text by the hub."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from redis.exceptions import RedisError

from monitoring.metrics.socket_metrics import WRONG
from monitoring.sentry import reporting
from realtime.database import run_in_db_thread
from realtime.display_names import display_name, initials
from realtime.hub import admission
from realtime.hub.admission import Decision, Visit
from realtime.hub.hub import Hub, current_hub
from realtime.hub.subscription import Subscription
from realtime.protocol import server_frames
from realtime.protocol.client_frames import (
    Ack,
    ClientError,
    ClientFrame,
    Hello,
    Ping,
    Watching,
    parse,
)
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.errors import (
    BrokenProtocol,
    GoingAway,
    HelloTimeout,
    LimitExceeded,
    NotAllowed,
    RealtimeError,
    SignedOut,
    UntrustedOrigin,
)
from realtime.protocol.limits import MESSAGE_BURST, MESSAGES_PER_SECOND, TokenBucket
from realtime.sockets.base_consumer import SocketConsumer
from realtime.sockets.origins import address_of, is_trusted, origin_of

MAX_CLIENT_ERRORS = 20  # a client that only sends errors is stopped
TICKET_WITHIN_SECONDS = 2.0


class LiveConsumer(SocketConsumer):
    """Subclasses say which topic, from the address and the person."""

    shows_watchers: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._visit = Visit(self.topic_for, "")
        self._person: User | None = None
        self._topic = ""
        self._subscription: Subscription | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._messages = [TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST)]
        self._mistakes = 0
        self._questions = 0
        self._is_answered = asyncio.Event()

    @cached_property
    def _hub(self) -> Hub:
        return current_hub()

    @property
    def _user_id(self) -> int | None:
        return self._person.pk if self._person is not None else None

    @staticmethod
    @abstractmethod
    def topic_for(person: User, name: str) -> str:
        """The topic of this address, for this person. Never taken from a frame."""

    async def _let_in(self) -> None:
        if not is_trusted(self.scope):
            raise UntrustedOrigin
        self._hub.sockets.admit(self, address_of(self.scope))
        self._visit = Visit(
            self.topic_for,
            self.scope["url_route"]["kwargs"].get("campaign", ""),
            session_key=self.scope["cookies"].get(settings.SESSION_COOKIE_NAME),
        )
        decision = await self._ask()
        self.meter.handshake_seconds.observe(perf_counter() - self._began)
        if decision.person is None:  # without a session the first frame must bring a ticket
            self._expect_hello(TICKET_WITHIN_SECONDS, HelloTimeout())
            return
        self._admit(decision)
        self._expect_hello(server_frames.HELLO_WITHIN_SECONDS, BrokenProtocol("No hello came."))

    async def _ask(self) -> Decision:
        """What the door says. Raises GoingAway if the socket has been closed meanwhile."""
        decision = await self._hub.doorway.ask(self._visit)
        if self._is_closed:
            raise GoingAway
        return decision

    def _admit(self, decision: Decision) -> None:
        """Count the person in. Raises what the door says against it."""
        _refuse(decision)
        assert decision.person is not None
        self._person, self._topic = decision.person, decision.topic
        self._visit = replace(self._visit, follows=decision.topic)
        self._messages.append(self._hub.sockets.claim(self, decision.person.pk))
        self._hub.doorkeeper.admit(decision.person.pk, self.ask_again)
        self._note_let_in()
        self._is_answered.set()

    def _expect_hello(self, seconds: float, otherwise: RealtimeError) -> None:
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(seconds, self._aside_part, otherwise)

    def _aside_part(self, error: RealtimeError) -> None:
        self._aside(self.part(error))

    def ask_again(self) -> None:
        """Hold back everything, either way, until the door has been asked once more."""
        self._questions += 1
        self._is_answered.clear()
        if self._subscription is not None:
            self._subscription.mailbox.hold()
        self._aside(self._recheck())

    async def _recheck(self) -> None:
        _refuse(await self._ask())
        self._questions -= 1
        if self._questions == 0:
            self._is_answered.set()
            if self._subscription is not None:
                self._subscription.mailbox.release()

    async def _hear(self, text: str | None) -> None:
        received, size = self.meter.received[WRONG], len((text or "").encode())
        try:
            frame = self._read(text)
            kind = type(frame).__name__.lower()
            received = self.meter.received[kind]
            reporting.set_tags(kind=kind)
        except ClientError as mistake:
            await self._complain(mistake)
            return
        finally:
            received.count(size)
        with received.measure(planned=RealtimeError):
            await self._heed(frame)

    def _read(self, text: str | None) -> ClientFrame:
        if not all(bucket.take() for bucket in self._messages):
            raise ClientError("too_fast", "Slow down.")
        return parse(text)

    async def _heed(self, frame: ClientFrame) -> None:
        """Do as the frame says, once it is known to be in its place, and from whom."""
        if (self._subscription is None) != isinstance(frame, Hello):
            raise BrokenProtocol("The first frame, and only the first, is hello.")
        if self._person is not None:
            await self._is_answered.wait()  # while the door is being asked, nothing is obeyed
        await self._obey(frame)

    async def _obey(self, frame: ClientFrame) -> None:
        match frame:
            case Hello():
                await self._follow(frame)
            case Ack(position=position, shown_ms=shown_ms) if self._subscription is not None:
                self._subscription.mailbox.acknowledge(position)
                self.meter.painted(shown_ms)
            case Watching(key=key) if self.shows_watchers and self._person is not None:
                await self._hub.presence.watch(self._topic, self._person.pk, key)
            case Ping(ref=ref):
                await self._say(server_frames.pong(ref))

    async def _complain(self, mistake: ClientError) -> None:
        self._mistakes += 1
        if self._mistakes > MAX_CLIENT_ERRORS:
            raise LimitExceeded if mistake.code == "too_fast" else BrokenProtocol
        await self._say(server_frames.error(mistake.code, mistake.detail))

    async def _follow(self, hello: Hello) -> None:
        """Subscribe, then snapshot, then drain."""
        if self._patience is not None:
            self._patience.cancel()
        person = self._person or await self._redeem(hello)
        subscription = await self._hub.subscribe(
            self._topic, epoch=hello.epoch, position=hello.position
        )
        if self._is_closed:
            await self._hub.unsubscribe(self._topic, subscription)
            return
        self._subscription = subscription
        if self._questions:
            subscription.mailbox.hold()
        self._aside(self._write(subscription))
        if self.shows_watchers:
            await self._hub.presence.join(
                self._topic, person.pk, display_name(person), initials(person)
            )

    async def _redeem(self, hello: Hello) -> User:
        """Whoever the ticket was issued to. Raises SignedOut for a ticket that opens nothing."""
        origin, user_id = origin_of(self.scope), None
        if hello.ticket is not None:
            try:
                user_id = await run_in_db_thread(admission.redeem_ticket, hello.ticket, origin)
            except RedisError:
                raise RealtimeError from None
        if user_id is None:
            raise SignedOut
        self._visit = replace(self._visit, session_key=None, user_id=user_id)
        self._admit(await self._ask())
        assert self._person is not None
        return self._person

    async def _write(self, subscription: Subscription) -> None:
        while True:
            await self._say(await subscription.mailbox.take())

    @property
    def waiting_frames(self) -> int:
        """How many frames wait for this socket."""
        return 0 if self._subscription is None else self._subscription.mailbox.waiting_frames

    async def _give_up(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._hub.sockets.discharge(self)
        subscription, self._subscription = self._subscription, None
        if self._person is not None:
            self._hub.doorkeeper.forget(self._person.pk, self.ask_again)
            if subscription is not None and self.shows_watchers:
                await self._hub.presence.leave(self._topic, self._person.pk)
        if subscription is not None:
            await self._hub.unsubscribe(self._topic, subscription)


def _refuse(decision: Decision) -> None:
    """Raises what the door says against a socket."""
    if decision.refusal is not None:
        raise SignedOut if decision.refusal == CloseCode.SIGNED_OUT else NotAllowed
