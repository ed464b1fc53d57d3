"""Metric labels come from closed sets, whatever clients send."""

from __future__ import annotations

import asyncio
import time

import pytest
from django.utils import timezone

from monitoring.metrics import event_loop
from monitoring.metrics.socket_metrics import MAX_PAINT_MS
from realtime.consumers import WallConsumer
from realtime.hub.subscription import Subscription
from realtime.hub.topic_state import TopicState
from realtime.protocol import server_frames
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.errors import REFUSAL_REASONS, RealtimeError
from tests.support.contracts.metrics_in_process import scraped

CLOSED = "recruit_ws_sockets_closed_total"
PAINTED = "recruit_commit_to_paint_seconds_count"


@pytest.mark.parametrize(
    ("code", "counted_as"),
    [(1001, "1001"), (4008, "4008"), (3999, "other"), (4242, "other"), (None, "other")],
)
def test_an_unknown_close_code_creates_no_new_series(code: int | None, counted_as: str) -> None:
    before = scraped()
    WallConsumer.meter.closed(code)
    moved = scraped()
    assert moved.since(before).of(CLOSED, consumer="wall", code=counted_as) == 1
    assert moved.series() == before.series()


@pytest.mark.parametrize(
    ("shown_ms", "counted"),
    [(0, 1), (12.5, 1), (MAX_PAINT_MS, 1), (None, 0), (-1, 0), (MAX_PAINT_MS + 1, 0)],
)
def test_an_impossible_commit_to_paint_is_not_counted(shown_ms: float | None, counted: int) -> None:
    before = scraped()
    WallConsumer.meter.painted(shown_ms)
    assert scraped().since(before).of(PAINTED, consumer="wall") == counted


@pytest.mark.parametrize("planned", [True, False])
def test_an_expected_failure_of_a_handler_is_not_counted_as_an_error(planned: bool) -> None:
    before, failure = scraped(), RealtimeError() if planned else ValueError()
    with (
        pytest.raises(type(failure)),
        WallConsumer.meter.received["ping"].measure(RealtimeError),
    ):
        raise failure
    moved = scraped().since(before)
    labels = {"consumer": "wall", "kind": "ping"}
    assert moved.of("recruit_ws_handler_errors_total", **labels) == (0 if planned else 1)
    assert moved.of("recruit_ws_handler_seconds_count", **labels) == 1


def test_every_kind_of_frame_is_counted_separately() -> None:
    batch = server_frames.Batch("board.x", "e", 1, 1, {}, {}, "")
    frames = [
        server_frames.welcome(topic="board.x", epoch="e", position=1, resumed=False),
        server_frames.snapshot(topic="board.x", epoch="e", position=1, rows=[]),
        batch.text(),
        server_frames.latest("board.x", {}),
        server_frames.pong(None),
        server_frames.error("bad_json", "This is not JSON."),
        server_frames.goodbye(CloseCode.GOING_AWAY, 0),
    ]
    assert [frame.kind for frame in frames] == list(WallConsumer.meter.sent)
    assert all(frame.startswith(f'{{"type":"{frame.kind}"') for frame in frames)


def test_every_error_that_refuses_a_socket_has_a_counted_reason() -> None:
    failures, found = [RealtimeError], set()
    while failures:
        failure = failures.pop()
        found.add(failure.refusal_reason)
        failures += failure.__subclasses__()
    assert found == set(REFUSAL_REASONS) == set(WallConsumer.meter.refused)


async def test_changes_replaced_by_a_later_one_in_the_same_frame_are_counted_as_folded() -> None:
    """The first change is sent at once; the two that follow it are sent together."""
    now, topic_state, reader = timezone.now().isoformat(), TopicState("board.x"), Subscription()
    topic_state.subscriptions.add(reader)
    reader.start(0, [])
    before = scraped()
    for at in (1, 2, 3):
        row = server_frames.encode_change("room:1", {"version": at})
        batch = server_frames.Batch("board.x", "", at, at, {"room:1": row}, {"room:1": at}, now)
        assert topic_state.receive(batch)
    frames = [await reader.queue.take() for _ in range(2)]
    assert '"from":2,"to":3' in frames[1]
    assert scraped().since(before).of("recruit_live_folded_total", topic="board") == 1


async def test_the_lag_of_a_blocked_event_loop_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_loop, "EVERY_SECONDS", 0.01)
    before = scraped()
    watching = asyncio.create_task(event_loop.watch_lag())
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251  the loop must be blocked
    async with asyncio.timeout(20):
        while not (late := scraped().since(before)).of("recruit_event_loop_lag_seconds_count"):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    watching.cancel()
    assert late.of("recruit_event_loop_lag_seconds_sum") > 0.05
