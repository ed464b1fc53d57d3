"""Catching up from the database while new changes are being committed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime.database import run_in_db_thread
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicState
from realtime.log import changes
from realtime.log import reader as log_reader
from realtime.log import topics as log_topics
from realtime.log.relay_activity import STALLED_SECONDS
from realtime.log.topics import kind_of
from realtime.protocol.server_frames import STALLED, Batch, Row
from realtime.relay.numbering import assign_positions

TOPIC = "tasks"
KEY = "task:00000000-0000-0000-0000-000000000001"
pytestmark = pytest.mark.django_db(transaction=True)


def change_and_number(key: str) -> None:
    changes.record([(TOPIC, key)])
    assign_positions()


async def test_a_change_between_the_two_queries_of_catching_up_disconnects_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Interleaving: no change is missing, the relay numbers one more, then the head is read."""
    real = log_reader.changes_after

    def then_change(*args: Any, **kwargs: Any) -> Batch | None:
        missed = real(*args, **kwargs)
        change_and_number(KEY)
        return missed

    topic_state, reader = TopicState(TOPIC), Subscription(TOPIC)
    await topic_state.open()
    topic_state.subscriptions.add(reader)
    await topic_state.follow(reader, None, None)
    assert '"welcome"' in await reader.queue.take()
    assert '"snapshot"' in await reader.queue.take()
    monkeypatch.setattr(log_reader, "changes_after", then_change)
    await topic_state.catch_up()
    monkeypatch.undo()
    assert (await run_in_db_thread(log_reader.head_of, TOPIC)).position == 1, (
        "the premise: a change was numbered in between"
    )
    await topic_state.catch_up()
    assert KEY in await reader.queue.take()


async def test_a_list_whose_rows_cannot_be_read_says_so_and_takes_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The relay works, and other topics are live."""
    topic_state, reader = TopicState(TOPIC), Subscription(TOPIC)
    await topic_state.open()
    topic_state.subscriptions.add(reader)
    await topic_state.follow(reader, None, None)
    assert '"welcome"' in await reader.queue.take()
    assert '"snapshot"' in await reader.queue.take()
    rows = replace(kind_of(TOPIC)[0], changed_rows=unreadable)
    with monkeypatch.context() as patch:
        patch.setitem(log_topics._kinds, TOPIC, rows)
        await run_in_db_thread(change_and_number, KEY)
        topic_state.polled = (await run_in_db_thread(log_reader.head_of, TOPIC)).position
        await topic_state.start_catching_up()
        assert topic_state.last < topic_state.polled, "the premise: the change cannot be read"
        for _ in range(int(STALLED_SECONDS) + 2):
            topic_state.tick(None)
    assert STALLED in await reader.queue.take()
    await topic_state.start_catching_up()
    topic_state.tick(None)
    assert KEY in await reader.queue.take()
    last = json.loads(await reader.queue.take())
    assert last["items"] == [{"key": STALLED, "row": None}]


@pytest.mark.parametrize("stalled", [True, False])
async def test_a_client_that_resumes_learns_from_the_welcome_whether_its_list_is_stalled(
    stalled: bool,
) -> None:
    """If it has missed nothing, no other frame need follow."""
    topic_state, reader = TopicState(TOPIC), Subscription(TOPIC)
    await topic_state.open()
    since = datetime(2026, 11, 22, 6, 34, tzinfo=UTC) if stalled else None
    topic_state.show_stalled(since)
    await topic_state.follow(reader, topic_state.epoch, topic_state.last)
    welcome = json.loads(await reader.queue.take())
    assert (welcome["type"], welcome["resumed"]) == ("welcome", True)
    assert welcome["stalled_since"] == (since and since.isoformat())


def unreadable(changed: Mapping[str, list[str]]) -> dict[str, list[Row]]:
    raise ValueError("a row that cannot be rendered")
