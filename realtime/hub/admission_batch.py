"""Batches admission decisions, so that many sockets opening at once cost a few queries."""

from __future__ import annotations

import asyncio
from contextvars import Context

from realtime.database import run_in_db_thread
from realtime.hub import admission
from realtime.hub.admission import JoinDecision, JoinRequest

Pending = tuple[JoinRequest, asyncio.Future[JoinDecision]]


QUIET_SECONDS = 0.005
MAX_GATHER_SECONDS = 0.05


class AdmissionBatcher:
    """Runs one batch at a time. Requests that arrive meanwhile form the next batch.

    A single request is decided about at once. After a batch, the next one waits while more requests
    arrive, for up to MAX_GATHER_SECONDS: in a reconnect storm a batch has a hundred sockets, which
    cost as many queries as one.
    """

    def __init__(self) -> None:
        self._pending: list[Pending] = []
        self._task: asyncio.Task[None] | None = None

    async def decide(self, request: JoinRequest) -> JoinDecision:
        """Wait for the decision about a request. Raises database errors."""
        decision: asyncio.Future[JoinDecision] = asyncio.get_running_loop().create_future()
        self._pending.append((request, decision))
        if self._task is None or self._task.done():
            # An empty context: the batch's log lines must not carry the id of one of its sockets.
            self._task = asyncio.create_task(self._decide_pending(), context=Context())
        return await decision

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
        requests = [request for request, _ in batch]
        try:
            decisions = await run_in_db_thread(admission.decide, requests)
        except Exception as error:
            _fail(batch, error)
        else:
            for (_, future), decision in zip(batch, decisions, strict=True):
                if not future.done():  # cancelled, if the socket was closed meanwhile
                    future.set_result(decision)


def _fail(batch: list[Pending], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
