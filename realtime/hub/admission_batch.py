"""Batches admission decisions, so that many sockets opening at once cost a few queries."""

from __future__ import annotations

import asyncio
from contextvars import Context

from realtime.database import run_in_db_thread
from realtime.hub import admission
from realtime.hub.admission import JoinDecision, JoinRequest

Pending = tuple[JoinRequest, asyncio.Future[JoinDecision]]


class AdmissionBatcher:
    """Runs one batch at a time. Requests that arrive meanwhile form the next batch."""

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
