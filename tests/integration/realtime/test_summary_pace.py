"""Counters of a topic are published at most once a second; everything else at once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from realtime.log import changes
from realtime.models import Change
from realtime.relay import summary_pace
from realtime.relay.numbering import assign_positions
from realtime.relay.summary_pace import SummaryPace

pytestmark = pytest.mark.django_db

BOARD, OTHER = "board.spring.2026-11-25", "board.autumn.2026-11-25"


class Seconds:
    """A monotonic clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    clock = Seconds()
    monkeypatch.setattr(summary_pace, "monotonic", clock)
    return clock


def publish(pace: SummaryPace) -> dict[str, list[str]]:
    """Number what is pending as the relay does: topic → keys."""
    numbered = assign_positions(deferred=pace.deferred())
    pace.note(numbered)
    return {part.topic: part.keys for part in numbered}


def test_the_first_change_is_published_with_its_counters_and_the_next_without(seconds: Seconds):
    pace = SummaryPace()
    changes.record([(BOARD, "interview:1"), (BOARD, "counter:arrived")])
    assert publish(pace) == {BOARD: ["interview:1", "counter:arrived"]}
    seconds.now += 0.2
    changes.record([(BOARD, "interview:2"), (BOARD, "counter:arrived")])
    assert publish(pace) == {BOARD: ["interview:2"]}
    seconds.now += 0.7
    assert publish(pace) == {}
    assert 0 < pace.wait_seconds(0.5) <= 0.1, "the relay wakes by itself when the second is over"
    seconds.now += pace.wait_seconds(0.5)
    assert publish(pace) == {BOARD: ["counter:arrived"]}
    assert not Change.objects.filter(position=None).exists()


def test_another_topic_does_not_wait(seconds: Seconds):
    pace = SummaryPace()
    changes.record([(BOARD, "counter:late")])
    publish(pace)
    changes.record([(BOARD, "counter:late"), (OTHER, "counter:late")])
    assert publish(pace) == {OTHER: ["counter:late"]}


def test_fifty_changes_a_second_count_once_a_second_and_none_is_lost(seconds: Seconds):
    pace, counted = SummaryPace(), []
    for number in range(150):
        changes.record([(BOARD, f"interview:{number}"), (BOARD, "counter:arrived")])
        keys = publish(pace)[BOARD]
        assert keys[0] == f"interview:{number}", "a card waits for nothing"
        if "counter:arrived" in keys:
            counted.append(seconds.now)
        seconds.now += 0.02
    assert len(counted) == 3
    assert min(later - earlier for earlier, later in pairwise(counted)) >= 1
    seconds.now += 1
    assert publish(pace) == {BOARD: ["counter:arrived"]}, "the last change is counted too"


def test_without_counters_the_relay_sleeps_as_long_as_it_may(seconds: Seconds):
    pace = SummaryPace()
    changes.record([(BOARD, "interview:1")])
    publish(pace)
    assert pace.wait_seconds(0.5) == 0.5
