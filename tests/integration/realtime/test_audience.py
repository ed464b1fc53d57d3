"""The relay renders only topics that a process follows, and numbers all of them."""

from __future__ import annotations

import pytest
from channels.layers import get_channel_layer
from django.contrib.auth.models import User

from realtime.background import task_runs
from realtime.database import run_in_db_thread
from realtime.log import topics
from realtime.log.reader import head_of
from realtime.relay import audience
from realtime.relay.audience import Audience
from realtime.relay.numbering import assign_positions, render_batches

pytestmark = pytest.mark.django_db(transaction=True)


async def test_only_topics_that_a_process_follows_have_an_audience() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("board.shown", channel)
    try:
        assert await run_in_db_thread(
            Audience().with_listeners, ["board.shown", "board.alone"]
        ) == {"board.shown"}
    finally:
        await layer.flush()


def test_a_topic_that_nobody_follows_is_numbered_but_not_rendered(lin: User) -> None:
    task_runs.task_run_create(name="import", title="A file", owner=lin)
    shown = topics.tasks()
    batches = render_batches(assign_positions(), lambda topics: {shown} & topics)
    assert [batch.topic for batch in batches] == [shown]
    assert head_of(topics.person(lin.pk)).position > 0


def test_without_redis_there_is_no_audience_and_redis_is_not_asked_again_at_once(
    redis_is_away: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    listeners = Audience()
    assert listeners.with_listeners(["tasks"]) == set()
    monkeypatch.setattr(
        audience, "layer_connection", lambda place: pytest.fail("Redis was queried again")
    )
    assert listeners.with_listeners(["tasks"]) == set()
