"""Runs the traffic generator in its own process, for tests with private servers.

The test writes a JSON request in one line, such as `{"do": "step", "number": 3}`, and reads a JSON
answer in one line.
Started as `python -m tests.support.traffic.process`; the environment names the database.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from django.conf import settings

from tests.support.clients.board import Board

MAX_ANSWER_BYTES = 16 * 1024 * 1024
POOL_CONNECTIONS = 8  # as the settings limit them


class TrafficProcess:
    """The test's side of the process. `taken` counts the steps taken so far."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self.taken = 0
        self.tries = 0

    async def ask(self, **question: Any) -> Any:
        async with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            await self._process.stdin.drain()
            answer = await self._process.stdout.readline()
            assert answer, "the traffic process has ended; its output is above"
            return json.loads(answer)

    async def play(self, steps: int) -> None:
        """Takes this many more steps, each exactly once."""
        for _ in range(steps):
            self.tries += await self.ask(do="step", number=self.taken)
            self.taken += 1

    async def fresh_boards(self, *topics: str) -> dict[str, Board]:
        """Waits for the relay; returns the boards that a reload would show."""
        while await self.ask(do="count pending"):  # noqa: ASYNC110 the database has no event
            await asyncio.sleep(0.02)
        texts = [await self.ask(do="snapshot", topic=topic) for topic in topics]
        return {topic: Board.from_snapshot(text) for topic, text in zip(topics, texts, strict=True)}


@asynccontextmanager
async def traffic_process(env: Mapping[str, str], *, rooms: int) -> AsyncIterator[TrafficProcess]:
    """Starts a process that has created Lin, Wu and the campaign `autumn`, and takes its steps."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.traffic.process", str(rooms)),
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | env | {"DJANGO_SETTINGS_MODULE": "project.settings"},
        cwd=settings.BASE_DIR,
        limit=MAX_ANSWER_BYTES,
    )
    try:
        traffic = TrafficProcess(process)
        await traffic.ask(do="count steps")  # answered when the people exist
        yield traffic
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def main(rooms: int) -> None:
    """Answers requests until the input ends."""
    answers = _prepare(rooms)
    for line in sys.stdin:
        question = json.loads(line)
        answer = answers[question.pop("do")](**question)
        print(json.dumps(answer), flush=True)  # noqa: T201 the test reads it


def _prepare(rooms: int) -> dict[str, Callable[..., Any]]:
    from django.db import InterfaceError, OperationalError, connections

    from jobs.models import CampaignMember
    from realtime.log.reader import take_snapshot
    from tests import people
    from tests.factories import make_campaign
    from tests.support.traffic import generator

    settings.PASSWORD_HASHERS = [f"{people.__name__}.FastHasher"]
    campaign = make_campaign(slug="autumn")
    lin, wu = people.make_person("lin", "coordinator"), people.make_person("wu", "interviewer")
    CampaignMember.objects.create(campaign=campaign, user=lin)
    steps = generator.plan_traffic(campaign, rooms=rooms, interviewer=wu)

    def reconnecting(work: Callable[..., Any]) -> Callable[..., Any]:
        """Runs `work` on another connection while the pool has some to a server that died."""

        def run(**arguments: Any) -> Any:
            for _connection in range(POOL_CONNECTIONS):
                connections.close_all()
                with suppress(OperationalError, InterfaceError):
                    return work(**arguments)
            connections.close_all()
            return work(**arguments)

        return run

    return {
        "count steps": lambda: len(steps),
        "step": lambda number: generator.take_with_retries(steps[number], lin),
        "count pending": reconnecting(generator.number_pending),
        "snapshot": reconnecting(lambda topic: take_snapshot(topic).text()),
        "versions": reconnecting(lambda: generator.versions(steps)),
    }


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
