"""Sockets that open in the same moment are decided about together, and a single one at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from realtime.hub import admission_batch
from realtime.hub.admission import JoinDecision, JoinRequest
from realtime.hub.admission_batch import AdmissionBatcher
from realtime.hub.revocation import AccessWatcher
from realtime.protocol.close_codes import CloseCode


def topic_for(user: Any, name: str) -> str:
    return name


def request(name: str, current_topic: str = "") -> JoinRequest:
    return JoinRequest(topic_for, name, current_topic=current_topic)


def batcher_of(access_watcher: AccessWatcher | None = None) -> AdmissionBatcher:
    return AdmissionBatcher(access_watcher or AccessWatcher())


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
        return [JoinDecision(None, one.name, refusal_of(one.name)) for one in requests]


def refusal_of(name: str) -> CloseCode | None:
    return CloseCode.NOT_ALLOWED if name == "outsider" else None


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> Decisions:
    made = Decisions()
    monkeypatch.setattr(admission_batch, "run_in_db_thread", made)
    return made


async def test_a_single_request_is_decided_about_without_waiting(
    decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission_batch, "QUIET_SECONDS", 3600.0)
    decision = await batcher_of().decide(request("a"))
    assert decision.topic == "a"


async def test_requests_that_keep_arriving_after_a_batch_are_decided_about_together(
    decisions: Decisions,
) -> None:
    batcher = batcher_of()
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
    batcher, opened = batcher_of(), []

    async def arrive() -> None:
        while True:
            opened.append(asyncio.create_task(batcher.decide(request(f"x{len(opened)}"))))
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
    batcher = batcher_of()
    failed = await asyncio.gather(batcher.decide(request("broken")), return_exceptions=True)
    assert [str(one) for one in failed] == ["the database is away"]
    assert (await batcher.decide(request("sound"))).topic == "sound"


async def test_many_sockets_of_one_session_and_address_are_read_once(decisions: Decisions) -> None:
    batcher = batcher_of()
    together = await asyncio.gather(*(batcher.decide(request("a")) for _ in range(5)))
    later = await batcher.decide(request("a"))
    assert {one.topic for one in (*together, later)} == {"a"}
    assert decisions.batches == [["a"]]


async def test_a_change_of_rights_ends_the_moment_in_which_a_decision_holds(
    decisions: Decisions,
) -> None:
    watcher = AccessWatcher()
    batcher = batcher_of(watcher)
    await batcher.decide(request("a"))
    watcher.recheck_all()
    await batcher.decide(request("a"))
    assert decisions.batches == [["a"], ["a"]]


async def test_a_decision_read_while_rights_change_is_not_given_again(
    decisions: Decisions,
) -> None:
    watcher = AccessWatcher()
    batcher = batcher_of(watcher)
    reading = asyncio.create_task(batcher.decide(request("a")))
    while not decisions.batches:  # noqa: ASYNC110  there is no event for it
        await asyncio.sleep(0)
    watcher.recheck_all()
    await reading
    await batcher.decide(request("a"))
    assert decisions.batches == [["a"], ["a"]]


@pytest.mark.parametrize("again", [request("outsider"), request("a", current_topic="a")])
async def test_refusals_and_checks_of_open_sockets_are_always_read_again(
    decisions: Decisions, again: JoinRequest
) -> None:
    batcher = batcher_of()
    for _ in range(2):
        await batcher.decide(again)
    assert len(decisions.batches) == 2


async def test_a_decision_does_not_outlive_its_moment(
    decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission_batch, "RECENT_SECONDS", 0.0)
    batcher = batcher_of()
    for _ in range(2):
        await batcher.decide(request("a"))
    assert len(decisions.batches) == 2


async def test_a_decision_is_not_given_again_on_the_next_day(
    decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address without a day leads to today's topic, and the day is over in no time."""
    monkeypatch.setattr(admission_batch.time, "time", lambda: 86_400 * 20_000 - 1e-6)
    batcher = batcher_of()
    for _ in range(2):
        await batcher.decide(request("a"))
    assert len(decisions.batches) == 2
