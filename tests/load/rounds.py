"""Runs ours and the baseline in turns, so that a slow minute of the machine affects both."""

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
    """Measures A B A B …; returns all figures of each."""
    measured: tuple[list[OursT], list[BaselineT]] = ([], [])
    for number in range(1, rounds + 1):
        say(f"{what}: round {number} of {rounds}, ours")
        measured[0].append(ours())
        say(f"{what}: round {number} of {rounds}, baseline")
        measured[1].append(baseline())
    return measured


def say(sentence: str) -> None:
    """Prints progress to stderr; the table itself goes to stdout."""
    print(f"  {sentence} …", file=sys.stderr, flush=True)  # noqa: T201 a program's output
