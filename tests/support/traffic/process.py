"""The traffic in a process of its own, for tests that run on servers of their own.

The test asks line by line, in JSON, and is answered in the same way: `{"do": "step", "number": 3}`.
Started as `python -m tests.support.traffic.process`; the environment says which database is meant.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from django.conf import settings

from tests.support.clients.board import Board

LONGEST_ANSWER = 16 * 1024 * 1024


class Stagehand:
    """The test's end of it. `taken` counts the steps that have been taken so far."""

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
            assert answer, "the stagehand has gone; its last words are above"
            return json.loads(answer)

    async def play(self, steps: int) -> None:
        """Take so many more steps, each of them surely and once."""
        for _ in range(steps):
            self.tries += await self.ask(do="step", number=self.taken)
            self.taken += 1

    async def fresh_boards(self, *topics: str) -> dict[str, Board]:
        """What a reload would show, once a relay has numbered everything."""
        while await self.ask(do="count pending"):  # noqa: ASYNC110 the database tells nobody
            await asyncio.sleep(0.02)
        texts = [await self.ask(do="snapshot", topic=topic) for topic in topics]
        return {topic: Board.from_snapshot(text) for topic, text in zip(topics, texts, strict=True)}


@asynccontextmanager
async def stagehand(env: Mapping[str, str], *, rooms: int) -> AsyncIterator[Stagehand]:
    """Somebody who has set the stage (Lin, Wu, the campaign `autumn`) and takes its steps."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.traffic.process", str(rooms)),
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | env | {"DJANGO_SETTINGS_MODULE": "project.settings"},
        cwd=settings.BASE_DIR,
        limit=LONGEST_ANSWER,
    )
    try:
        yield Stagehand(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def main(rooms: int) -> None:
    """Answer questions until there are no more."""
    answers = _set_the_stage(rooms)
    for line in sys.stdin:
        question = json.loads(line)
        answer = answers[question.pop("do")](**question)
        print(json.dumps(answer), flush=True)  # noqa: T201 this is how it answers


def _set_the_stage(rooms: int) -> dict[str, Callable[..., Any]]:
    from django.db import connections

    from jobs.models import CampaignMember
    from realtime.log.reader import take_snapshot
    from tests import people
    from tests.factories import make_campaign
    from tests.support.traffic import generator

    settings.PASSWORD_HASHERS = [f"{people.__name__}.QuickHasher"]
    campaign = make_campaign(slug="autumn")
    lin, wu = people.make_person("lin", "coordinator"), people.make_person("wu", "interviewer")
    CampaignMember.objects.create(campaign=campaign, user=lin)
    steps = generator.plan_traffic(campaign, rooms=rooms, interviewer=wu)

    def afresh(work: Callable[..., Any]) -> Callable[..., Any]:
        """Without a connection to a server that may have died since it was last used."""

        def worked(**said: Any) -> Any:
            connections.close_all()
            return work(**said)

        return worked

    return {
        "count steps": lambda: len(steps),
        "step": lambda number: generator.take_surely(steps[number], lin),
        "count pending": afresh(generator.number_pending),
        "snapshot": afresh(lambda topic: take_snapshot(topic).text()),
        "versions": afresh(lambda: generator.versions(steps)),
    }


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
