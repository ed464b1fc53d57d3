"""Plays a random history from a seed: the same each time, without Hypothesis."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tests.support.histories.actions import weighted_names
from tests.support.histories.play import History
from tests.support.product.clock import Clock

T = TypeVar("T")
PREREQUISITES = (
    *("interview_create", "interview_start", "interview_finish", "scorecard_save"),
    *("interview_create", "interview_check_in"),
    *("task_run_create", "bulk_plan_create", "bulk_line_apply_"),
)


class SeededHistory:
    """Plays a history with a random number generator of a fixed seed."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.history = History(clock)
        self._rng = random.Random(seed)
        self._between: list[Callable[[], object]] = [
            lambda: self.history.time_passes(self.choose),
            lambda: self.history.publish(),
            lambda: self.history.deliver_hints(self.choose),
            lambda: self.history.poll(self.choose),
            lambda: self.history.page_opens(self.choose),
            lambda: self.history.page_is_cut(self.choose),
            lambda: self.history.page_reconnects(self.choose),
            lambda: self.history.page_reads(self.choose),
            lambda: self.history.log_is_trimmed(),
        ]

    def choose(self, among: Sequence[T]) -> T:
        return self._rng.choice(among)

    def play(self, steps: int) -> None:
        """Alternates actions and connection faults, and checks the invariant at the end."""
        for _ in range(steps):
            self.history.perform(self.choose(weighted_names()), self.choose)
            self.choose(self._between)()
        self.history.settle()

    def play_every_action(self, names: Iterable[str], rounds: int) -> set[str]:
        """Plays until each of these actions has succeeded; returns those that never did."""
        missing = set(names)
        for _ in range(rounds):
            harmless = {name for name in missing if not re.search("deleted|anonymised", name)}
            for name in (*PREREQUISITES, *sorted(harmless)):
                self.history.perform(name, self.choose)
            self.choose(self._between)()
            missing -= set(self.history.done)
            if not harmless:
                break
        for name in self._rng.sample(sorted(missing), len(missing)):
            self.history.perform(name, self.choose)  # deletions last: they leave little to act on
        self.history.settle()
        return missing - set(self.history.done)
