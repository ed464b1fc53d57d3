"""Batches admission decisions, so that many sockets opening at once cost a few queries."""

from __future__ import annotations

import asyncio
import time
from contextvars import Context
from dataclasses import dataclass, field

from realtime.database import run_in_db_thread
from realtime.hub import admission
from realtime.hub.admission import JoinDecision, JoinRequest
from realtime.hub.revocation import AccessWatcher

Pending = tuple[JoinRequest, asyncio.Future[JoinDecision]]


QUIET_SECONDS = 0.005
MAX_GATHER_SECONDS = 0.05
RECENT_SECONDS = 1.0  # the hub polls as often, so a lost message about rights is as late anyway
MINUTE_SECONDS = 60  # local days begin with a minute, and a topic without a day is today's


@dataclass(slots=True)
class _Moment:
    """Decisions that may be given again until `ends_at` (loop time), if no rights change.

    access_changes: `AccessWatcher.changes` when it began.
    """

    ends_at: float
    access_changes: int
    decisions: dict[JoinRequest, JoinDecision] = field(default_factory=dict)


class AdmissionBatcher:
    """Runs one batch at a time. Requests that arrive meanwhile form the next batch.

    A single request is decided about at once. After a batch, the next one waits while more requests
    arrive, for up to MAX_GATHER_SECONDS: in a reconnect storm a batch has a hundred sockets, which
    cost as many queries as one. A session that is admitted may open more sockets of the same
    address for RECENT_SECONDS without being read again, unless rights change. A socket that is open
    already is always decided about anew.
    """

    def __init__(self, access_watcher: AccessWatcher) -> None:
        self._access_watcher = access_watcher
        self._moment = _Moment(ends_at=0, access_changes=0)
        self._pending: list[Pending] = []
        self._task: asyncio.Task[None] | None = None

    async def decide(self, request: JoinRequest) -> JoinDecision:
        """Wait for the decision about a request. Raises database errors."""
        recent = self._current_moment().decisions.get(request)
        if recent is not None:
            return recent
        decision: asyncio.Future[JoinDecision] = asyncio.get_running_loop().create_future()
        self._pending.append((request, decision))
        if self._task is None or self._task.done():
            # An empty context: the batch's log lines must not carry the id of one of its sockets.
            self._task = asyncio.create_task(self._decide_pending(), context=Context())
        return await decision

    def _current_moment(self) -> _Moment:
        """The current moment; a new one if it is over, or if rights may have changed."""
        now, changes = asyncio.get_running_loop().time(), self._access_watcher.changes
        if now >= self._moment.ends_at or changes != self._moment.access_changes:
            seconds = min(RECENT_SECONDS, MINUTE_SECONDS - time.time() % MINUTE_SECONDS)
            self._moment = _Moment(now + seconds, changes)
        return self._moment

    async def _decide_pending(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            await self._decide(batch)
            await self._gather()

    async def _gather(self) -> None:
        """Return when no request has arrived for a moment."""
        loop = asyncio.get_running_loop()
        until, seen = loop.time() + MAX_GATHER_SECONDS, 0
        while len(self._pending) > seen and loop.time() < until:
            seen = len(self._pending)
            await asyncio.sleep(QUIET_SECONDS)

    async def _decide(self, batch: list[Pending]) -> None:
        moment = self._current_moment()  # before reading: what is read later is at most newer
        requests = list(dict.fromkeys(request for request, _ in batch))
        try:
            decisions = await run_in_db_thread(admission.decide, requests)
        except Exception as error:
            _fail(batch, error)
            return
        found = dict(zip(requests, decisions, strict=True))
        moment.decisions |= {request: one for request, one in found.items() if _holds(request, one)}
        for request, future in batch:
            if not future.done():  # cancelled, if the socket was closed meanwhile
                future.set_result(found[request])


def _holds(request: JoinRequest, decision: JoinDecision) -> bool:
    """Whether a decision may be given again. One that refuses must not outlive its reason."""
    return not request.current_topic and decision.refusal is None


def _fail(batch: list[Pending], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
