"""Catching up from the database while new changes are being committed."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.database import run_in_db_thread
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicState
from realtime.log import changes
from realtime.log import reader as log_reader
from realtime.protocol.server_frames import Batch
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
