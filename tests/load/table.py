"""The result table: each promise, what was measured, and whether it is met."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from tabulate import tabulate

HEADINGS = (
    *("what", "ours", "baseline", "ratio", "p50", "p99"),
    *("CPU seconds", "memory", "target", "met?"),
)
WIDTHS = [34, 22, 22, 14, 9, 9, 12, 12, 22, 5]
MET = {True: "yes", False: "NO", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table, as text; empty where a column does not apply.

    met: None for a figure without a target.
    """

    what: str
    ours: str
    baseline: str = ""
    ratio: str = ""
    p50: str = ""
    p99: str = ""
    cpu: str = ""
    memory: str = ""
    target: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        *texts, met = astuple(self)
        return [*texts, MET[met]]


def printed(lines: Sequence[Line]) -> str:
    """Returns the table for a terminal."""
    rows = [line.cells() for line in lines]
    return tabulate(
        rows, HEADINGS, tablefmt="simple_grid", maxcolwidths=WIDTHS, disable_numparse=True
    )


def markdown(lines: Sequence[Line]) -> str:
    """Returns the table for a document."""
    rows = [line.cells() for line in lines]
    return tabulate(rows, HEADINGS, tablefmt="github", disable_numparse=True)


def figure(value: float) -> str:
    """Formats three significant digits, with a space between thousands: 0.0123, 4.57, 1 230."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def spread(values: Iterable[float], unit: str = "") -> str:
    """Formats the median, and in brackets the least and the greatest of all rounds."""
    ranked = sorted(values)
    middle = f"{figure(statistics.median(ranked))} {unit}".strip()
    return f"{middle} ({figure(ranked[0])}…{figure(ranked[-1])})" if len(ranked) > 1 else middle


def milliseconds(values: Iterable[float]) -> str:
    """Formats the worst round's value, since a promise must hold in every round."""
    return f"{max(values):.1f} ms"


def ratios(ours: Sequence[float], baseline: Sequence[float]) -> list[float]:
    """Returns the ratio of each round, whose two measurements were made in turn."""
    return [one / other for one, other in zip(ours, baseline, strict=True)]
