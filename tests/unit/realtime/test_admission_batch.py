"""Sockets that open in the same moment are decided about together, and a single one at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from realtime.hub import admission_batch
from realtime.hub.admission import JoinDecision, JoinRequest
from realtime.hub.admission_batch import AdmissionBatcher


def request(name: str) -> JoinRequest:
    return JoinRequest(topic_for=lambda user, name: name, name=name)


class Decisions:
    """Stands for the database: notes the batches, and takes `pause` for each."""

    def __init__(self, pause: float = 0.0) -> None:
        self.batches: list[list[str]] = []
        self.pause = pause

    async def __call__(self, decide: Any, requests: Sequence[JoinRequest]) -> list[JoinDecision]:
        self.batches.append([one.name for one in requests])
        await asyncio.sleep(self.pause)
        if any(one.name == "broken" for one in requests):
            raise RuntimeError("the database is away")
        return [JoinDecision(None, one.name, None) for one in requests]


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> Decisions:
    made = Decisions()
    monkeypatch.setattr(admission_batch, "run_in_db_thread", made)
    return made


async def test_a_single_request_is_decided_about_without_waiting(
    decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission_batch, "QUIET_SECONDS", 3600.0)
    decision = await AdmissionBatcher().decide(request("a"))
    assert decision.topic == "a"


async def test_requests_that_keep_arriving_after_a_batch_are_decided_about_together(
    decisions: Decisions,
) -> None:
    batcher = AdmissionBatcher()
    first = asyncio.create_task(batcher.decide(request("0")))
    while not decisions.batches:  # noqa: ASYNC110  there is no event for it
        await asyncio.sleep(0)
    later = []
    for number in range(1, 21):
        later.append(asyncio.create_task(batcher.decide(request(str(number)))))
        await asyncio.sleep(0)
    found = await asyncio.gather(first, *later)
    assert [one.topic for one in found] == [str(number) for number in range(21)]
    assert len(decisions.batches) <= 3, decisions.batches


async def test_a_stream_of_requests_without_end_does_not_keep_the_others_waiting(
    decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pause brings a new request, so it is never quiet; the time limit ends the batch."""
    monkeypatch.setattr(admission_batch, "MAX_GATHER_SECONDS", 0.02)
    batcher, opened = AdmissionBatcher(), []

    async def arrive() -> None:
        while True:
            opened.append(asyncio.create_task(batcher.decide(request("x"))))
            await asyncio.sleep(0.001)

    arriving = asyncio.create_task(arrive())
    while len(decisions.batches) < 4:  # noqa: ASYNC110  there is no event for it
        await asyncio.sleep(0.001)
    arriving.cancel()
    assert opened[0].done()
    await asyncio.gather(*opened)


async def test_an_error_reaches_every_socket_of_its_batch_and_no_other(
    decisions: Decisions,
) -> None:
    batcher = AdmissionBatcher()
    failed = await asyncio.gather(batcher.decide(request("broken")), return_exceptions=True)
    assert [str(one) for one in failed] == ["the database is away"]
    assert (await batcher.decide(request("sound"))).topic == "sound"
