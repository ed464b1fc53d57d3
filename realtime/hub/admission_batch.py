"""The doorway: whoever comes while the door is being asked waits, and is asked about next."""

from __future__ import annotations

import asyncio
from contextvars import Context

from realtime.database import run_in_db_thread
from realtime.hub import admission
from realtime.hub.admission import Decision, Visit


class Doorway:
    """One question to the database at a time, about everybody who waits."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Visit, asyncio.Future[Decision]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, visit: Visit) -> Decision:
        """What the door says. Raises what the database raises."""
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._waiting.append((visit, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_for_all(), context=Context())
        return await answer

    async def _ask_for_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                decisions = await run_in_db_thread(admission.decide, [visit for visit, _ in asked])
            except Exception as error:
                _settle(asked, error)
            else:
                for (_, answer), decision in zip(asked, decisions, strict=True):
                    if not answer.done():  # its socket may have gone
                        answer.set_result(decision)


def _settle(asked: list[tuple[Visit, asyncio.Future[Decision]]], error: Exception) -> None:
    for _, answer in asked:
        if not answer.done():
            answer.set_exception(error)
