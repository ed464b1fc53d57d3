"""The consumer that follows one topic: checks access, subscribes, and sends the hub's frames."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from time import perf_counter

from django.conf import settings
from django.contrib.auth.models import User
from redis.exceptions import RedisError

from monitoring.metrics.socket_metrics import WRONG
from monitoring.sentry import reporting
from realtime.database import run_in_db_thread
from realtime.display_names import display_name, initials
from realtime.hub.admission import JoinDecision, JoinRequest
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
from realtime.sockets import tickets
from realtime.sockets.base_consumer import SocketConsumer
from realtime.sockets.origins import address_of, is_trusted, origin_of

MAX_CLIENT_ERRORS = 20  # invalid frames after which the socket is closed
TICKET_WITHIN_SECONDS = 2.0  # for the first frame of a socket without a session


class TopicConsumer(SocketConsumer):
    """Subclasses say which topic to follow."""

    def __init__(self) -> None:
        super().__init__()
        self._request = JoinRequest(self.topic_for, "")
        self._user: User | None = None
        self._topic = ""
        self._subscription: Subscription | None = None
        self._hello_timer: asyncio.TimerHandle | None = None
        self._message_buckets = [TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST)]
        self._client_errors = 0
        self._pending_rechecks = 0
        self._known_changes = 0
        self._access_confirmed = asyncio.Event()

    @cached_property
    def _hub(self) -> Hub:
        return current_hub()

    @property
    def _user_id(self) -> int | None:
        return self._user.pk if self._user is not None else None

    @staticmethod
    @abstractmethod
    def topic_for(user: User, name: str) -> str:
        """The topic for this user. name: from the socket's address, never from a frame."""

    @property
    def has_presence(self) -> bool:
        """Whether this viewer and others of the topic see each other."""
        return False

    def address_name(self) -> str:
        """The variable part of the socket's address. Raises BrokenProtocol if it is wrong."""
        return ""

    async def _admit(self) -> None:
        if not is_trusted(self.scope):
            raise UntrustedOrigin
        self._hub.sockets.register(self, address_of(self.scope))
        self._request = JoinRequest(
            self.topic_for,
            self.address_name(),
            session_key=self.scope["cookies"].get(settings.SESSION_COOKIE_NAME),
        )
        decision = await self._decide()
        self.meter.handshake_seconds.observe(perf_counter() - self._began)
        if decision.user is None:  # without a session, the first frame must contain a ticket
            self._expect_hello(TICKET_WITHIN_SECONDS, HelloTimeout())
            return
        self._set_user(decision)
        no_hello = BrokenProtocol("The client sent no hello frame.")
        self._expect_hello(server_frames.HELLO_WITHIN_SECONDS, no_hello)

    async def _decide(self) -> JoinDecision:
        """Raises GoingAway if the socket was closed while the decision was made."""
        self._known_changes = self._hub.access_watcher.changes
        decision = await self._hub.admission.decide(self._request)
        if self._is_closed:
            raise GoingAway
        return decision

    def _set_user(self, decision: JoinDecision) -> None:
        """Admit the user. Raises SignedOut, NotAllowed or LimitExceeded.

        Nobody asks a socket without a user to check again, so it asks itself if rights have changed
        since they were read.
        """
        _raise_refusal(decision)
        assert decision.user is not None
        self._user, self._topic = decision.user, decision.topic
        self._request = replace(self._request, current_topic=decision.topic)
        self._message_buckets.append(self._hub.sockets.assign_user(self, decision.user.pk))
        self._hub.access_watcher.watch(decision.user.pk, self.recheck_access)
        self._mark_admitted()
        self._access_confirmed.set()
        if self._known_changes != self._hub.access_watcher.changes:
            self.recheck_access()

    def _expect_hello(self, seconds: float, otherwise: RealtimeError) -> None:
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(seconds, self._close_in_background, otherwise)

    def _close_in_background(self, error: RealtimeError) -> None:
        self._run_in_background(self.close_with(error))

    def recheck_access(self) -> None:
        """Stop sending and handling frames until the user's access has been checked again."""
        self._pending_rechecks += 1
        self._access_confirmed.clear()
        if self._subscription is not None:
            self._subscription.queue.pause()
        self._run_in_background(self._recheck())

    async def _recheck(self) -> None:
        _raise_refusal(await self._decide())
        self._pending_rechecks -= 1
        if self._pending_rechecks == 0:
            self._access_confirmed.set()
            if self._subscription is not None:
                self._subscription.queue.resume()

    async def _receive(self, text: str | None) -> None:
        received, size = self.meter.received[WRONG], len((text or "").encode())
        try:
            frame = self._parse(text)
            kind = type(frame).__name__.lower()
            received = self.meter.received[kind]
            reporting.set_tags(kind=kind)
        except ClientError as error:
            await self._send_error(error)
            return
        finally:
            received.count(size)
        with received.measure(planned=RealtimeError):
            await self._handle(frame)

    def _parse(self, text: str | None) -> ClientFrame:
        if not all(bucket.take() for bucket in self._message_buckets):
            raise ClientError("too_fast", "Too many messages; send them more slowly.")
        return parse(text)

    async def _handle(self, frame: ClientFrame) -> None:
        """Handle a frame if it is allowed now. Waits while the user's access is being checked."""
        if (self._subscription is None) != isinstance(frame, Hello):
            raise BrokenProtocol("The first frame must be hello, and no other frame may be.")
        if self._user is not None:
            await self._access_confirmed.wait()
        await self._dispatch(frame)

    async def _dispatch(self, frame: ClientFrame) -> None:
        match frame:
            case Hello():
                await self._subscribe(frame)
            case Ack(position=position, shown_ms=shown_ms) if self._subscription is not None:
                self._subscription.queue.acknowledge(position)
                self.meter.painted(shown_ms)
            case Watching(key=key) if self.has_presence and self._user is not None:
                await self._hub.presence.watch(self._topic, self._user.pk, key)
            case Ping(ref=ref):
                await self._send_frame(server_frames.pong(ref))

    async def _send_error(self, error: ClientError) -> None:
        self._client_errors += 1
        if self._client_errors > MAX_CLIENT_ERRORS:
            raise LimitExceeded if error.code == "too_fast" else BrokenProtocol
        await self._send_frame(server_frames.error(error.code, error.detail))

    async def _subscribe(self, hello: Hello) -> None:
        """Follow the topic, and start sending its frames in the background."""
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        user = self._user or await self._redeem_ticket(hello)
        subscription = await self._hub.subscribe(
            self._topic, epoch=hello.epoch, position=hello.position
        )
        if self._is_closed:
            await self._hub.unsubscribe(self._topic, subscription)
            return
        self._subscription = subscription
        if self._pending_rechecks:
            subscription.queue.pause()
        self._run_in_background(self._write(subscription))
        if self.has_presence:
            await self._hub.presence.join(self._topic, user.pk, display_name(user), initials(user))

    async def _redeem_ticket(self, hello: Hello) -> User:
        """Identify the user by the ticket. Raises SignedOut if there is no valid ticket."""
        origin, holder = origin_of(self.scope), None
        if hello.ticket is not None:
            try:
                holder = await run_in_db_thread(tickets.redeem_ticket, hello.ticket, origin)
            except RedisError:
                raise RealtimeError from None
        if holder is None:
            raise SignedOut
        self._request = replace(self._request, session_key=None, holder=holder)
        self._set_user(await self._decide())
        assert self._user is not None
        return self._user

    async def _write(self, subscription: Subscription) -> None:
        while True:
            await self._send_frame(await subscription.queue.take())

    @property
    def waiting_frames(self) -> int:
        """The number of frames in the send queue."""
        return 0 if self._subscription is None else self._subscription.queue.waiting_frames

    async def _release(self) -> None:
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        self._hub.sockets.unregister(self)
        subscription, self._subscription = self._subscription, None
        if self._user is not None:
            self._hub.access_watcher.unwatch(self._user.pk, self.recheck_access)
            if subscription is not None and self.has_presence:
                await self._hub.presence.leave(self._topic, self._user.pk)
        if subscription is not None:
            await self._hub.unsubscribe(self._topic, subscription)


def _raise_refusal(decision: JoinDecision) -> None:
    """Raises SignedOut or NotAllowed if the decision is a refusal."""
    if decision.refusal is not None:
        raise SignedOut if decision.refusal == CloseCode.SIGNED_OUT else NotAllowed
