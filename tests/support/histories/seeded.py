"""A history from a seed: the same each time, without Hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tests.support.histories.actions import often
from tests.support.histories.play import History
from tests.support.product.clock import Clock

T = TypeVar("T")
LEADS_TO_OTHERS = (
    *("interview_create", "interview_start", "interview_finish", "scorecard_save"),
    *("interview_create", "task_run_create", "bulk_plan_create", "bulk_line_apply_"),
)


class Seeded:
    """Plays a history by throwing dice that always fall the same way."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.history = History(clock)
        self._dice = random.Random(seed)
        self._between: list[Callable[[], object]] = [
            lambda: self.history.time_passes(self.choose),
            lambda: self.history.publish(),
            lambda: self.history.hear(self.choose),
            lambda: self.history.look(self.choose),
            lambda: self.history.page_opens(self.choose),
            lambda: self.history.page_is_cut(self.choose),
            lambda: self.history.page_comes_back(self.choose),
            lambda: self.history.page_reads(self.choose),
            lambda: self.history.log_is_trimmed(),
        ]

    def choose(self, among: Sequence[T]) -> T:
        return self._dice.choice(among)

    def play(self, steps: int) -> None:
        """Acts and trouble in turn, and all is seen in the end."""
        for _ in range(steps):
            self.history.act(self.choose(often()), self.choose)
            self.choose(self._between)()
        self.history.settle()

    def play_every_act(self, names: Iterable[str], rounds: int) -> set[str]:
        """Until each of these has happened; the ones that never did."""
        missing = set(names)
        for _ in range(rounds):
            harmless = {name for name in missing if "deleted" not in name}
            for name in (*LEADS_TO_OTHERS, *sorted(harmless)):
                self.history.act(name, self.choose)
            self.choose(self._between)()
            missing -= set(self.history.done)
            if not harmless:
                break
        for name in self._dice.sample(sorted(missing), len(missing)):
            self.history.act(name, self.choose)  # deletions at last: little can be done afterwards
        self.history.settle()
        return missing - set(self.history.done)
