"""Ours and the baseline by turns, so that a slow minute of the machine falls on both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

OursT = TypeVar("OursT")
BaselineT = TypeVar("BaselineT")

ROUNDS = 2


def alternately(
    what: str,
    ours: Callable[[], OursT],
    baseline: Callable[[], BaselineT],
    rounds: int = ROUNDS,
) -> tuple[list[OursT], list[BaselineT]]:
    """Measure A B A B …; all figures of each."""
    measured: tuple[list[OursT], list[BaselineT]] = ([], [])
    for number in range(1, rounds + 1):
        say(f"{what}: round {number} of {rounds}, ours")
        measured[0].append(ours())
        say(f"{what}: round {number} of {rounds}, baseline")
        measured[1].append(baseline())
    return measured


def say(sentence: str) -> None:
    """What is being done, for who waits; the table itself goes to standard output."""
    print(f"  {sentence} …", file=sys.stderr, flush=True)  # noqa: T201 a program's output
