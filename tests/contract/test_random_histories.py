"""After any sequence of events, a live page shows what a reload would show."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from realtime import retention
from realtime.hub import replay_buffer, topic_state
from realtime.log import changes
from realtime.protocol import server_frames
from realtime.protocol.server_frames import Batch, Row
from tests.support.clients import board
from tests.support.histories.actions import ACTIONS, weighted_names
from tests.support.histories.play import History
from tests.support.histories.seeded import SeededHistory
from tests.support.histories.world import Choose
from tests.support.product import clock as clocks
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
STEPS_TO_DETECT = 10
# Another number of examples; a longer search draws new ones on each run.
EXAMPLES = int(os.environ.get("RANDOM_HISTORIES", "0"))
IS_LONG = EXAMPLES >= 10
SMALL = settings(
    max_examples=EXAMPLES or 8,
    stateful_step_count=60 if IS_LONG else 40,
    derandomize=not IS_LONG,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),  # a slow machine is not a failure
)


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits, so that short histories exceed the replay buffer and the log."""
    monkeypatch.setattr(replay_buffer, "MAX_KEYS", 9)
    monkeypatch.setattr(topic_state, "LOOKBACK_POSITIONS", 3)
    monkeypatch.setattr(retention, "KEEP_CHANGES", 12)


class Histories(RuleBasedStateMachine):
    """The steps of `History` as rules, with arguments drawn by Hypothesis."""

    @initialize()
    def start(self) -> None:
        self.clock = clocks.frozen()
        self.history = History(self.clock.__enter__())

    def teardown(self) -> None:
        if not hasattr(self, "history"):
            return
        try:
            self.history.settle()
        finally:
            self.history.end()
            self.clock.__exit__(None, None, None)

    @rule(name=st.sampled_from(weighted_names()), data=st.data())
    def one_action(self, name: str, data: st.DataObject) -> None:
        self.history.perform(name, chosen_by(data))

    @rule(names=st.lists(st.sampled_from(weighted_names()), min_size=3, max_size=6), data=st.data())
    def several_actions(self, names: list[str], data: st.DataObject) -> None:
        for name in names:
            self.history.perform(name, chosen_by(data))

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        self.history.time_passes(chosen_by(data))

    @rule()
    def the_relay_runs(self) -> None:
        self.history.publish()

    @rule(data=st.data())
    def wakeups_arrive(self, data: st.DataObject) -> None:
        self.history.publish()
        self.history.deliver_hints(chosen_by(data))

    @rule(data=st.data())
    def a_process_polls_the_positions(self, data: st.DataObject) -> None:
        self.history.poll(chosen_by(data))

    @rule(data=st.data())
    def a_page_opens(self, data: st.DataObject) -> None:
        self.history.page_opens(chosen_by(data))

    @rule(data=st.data())
    def a_page_loses_its_connection(self, data: st.DataObject) -> None:
        self.history.page_is_cut(chosen_by(data))

    @rule(data=st.data())
    def a_page_reconnects(self, data: st.DataObject) -> None:
        self.history.page_reconnects(chosen_by(data))

    @rule(data=st.data())
    def a_page_reads(self, data: st.DataObject) -> None:
        self.history.page_reads(chosen_by(data))

    @rule()
    def the_log_is_trimmed(self) -> None:
        self.history.log_is_trimmed()

    @rule(data=st.data())
    def numbering_restarts(self, data: st.DataObject) -> None:
        self.history.numbering_restarts(chosen_by(data))

    @rule()
    def everything_is_published_and_read(self) -> None:
        self.history.settle()


def chosen_by(data: st.DataObject) -> Choose:
    def choose(among: Sequence[T]) -> T:
        return data.draw(st.sampled_from(among))

    return choose


def test_a_page_ends_up_with_what_a_reload_would_show() -> None:
    run_state_machine_as_test(Histories, settings=SMALL)


def test_every_action_succeeds_in_some_history(clock: Clock) -> None:
    """An action that is always refused would prove nothing. The histories are fixed."""
    missing = ACTIONS.keys() - {"wrong_step"}
    for seed in range(1, 31):  # the first one suffices as a rule
        with played(clock, seed) as seeded:
            missing = seeded.play_every_action(missing, rounds=8)
        if not missing:
            break
    assert missing == set(), sorted(missing)


# Each test below breaks the product on purpose, to prove that the histories detect it.


def test_a_lost_change_is_detected(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = board.changed
    monkeypatch.setattr(board, "changed", lambda rows, changes: applied(rows, changes[1:]))
    assert_detected(clock)


def test_a_field_missing_from_changes_is_detected(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = server_frames.encode_change

    def without_flags(key: str, row: Row | None) -> str:
        return rendered(key, row and {name: row[name] for name in row if name != "flags"})

    monkeypatch.setattr(server_frames, "encode_change", without_flags)
    assert_detected(clock)


def test_a_change_not_recorded_for_a_topic_is_detected(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if changes were not recorded for wall screens."""
    record = changes.record

    def record_except_walls(pairs: Iterable[tuple[str, str]]) -> None:
        record(pair for pair in pairs if not pair[0].startswith("wall."))

    monkeypatch.setattr(changes, "record", record_except_walls)
    assert_detected(clock)


def test_a_frame_that_skips_a_position_is_detected(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Batch.text
    monkeypatch.setattr(Batch, "text", lambda batch: text(replace(batch, first=batch.first + 1)))
    assert_detected(clock)


def assert_detected(clock: Clock) -> None:
    """A history that passes otherwise must fail now."""
    with played(clock, seed=15) as seeded, pytest.raises(AssertionError):
        seeded.play(STEPS_TO_DETECT)


@contextmanager
def played(clock: Clock, seed: int) -> Iterator[SeededHistory]:
    seeded = SeededHistory(clock, seed)
    try:
        yield seeded
    finally:
        seeded.history.end()
