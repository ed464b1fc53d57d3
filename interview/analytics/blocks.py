"""The shape of figures: a table that a page draws with bars, and a file holds as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Value = str | int | float | date | None
Cells = Sequence[Value]

BAR_LENGTH = 100  # of the longest, in units of the drawing


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with a bar as long as its share of the largest in its column.

    told  what stands there when the pointer rests on the bar
    """

    value: float
    length: float
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One subject.

    label   the model whose history it is, as the audit names it
    note    what is counted, and what the history does not know
    bar     the column that is drawn, counted from 0; the first names the row
    export  headings and rows of the file, where they are others than those of the page
    """

    name: str
    title: str
    note: str
    label: str
    headings: Sequence[str]
    rows: Sequence[Cells]
    bar: int = 1
    export: tuple[Sequence[str], Sequence[Cells]] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but names and noughts."""
        return not any(_number(cell) for row in self.rows for cell in row[1:])

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Each heading, and how its column is set: measured, number or nothing in particular."""
        return [(heading, self._kind(index)) for index, heading in enumerate(self.headings)]

    def _kind(self, index: int) -> str:
        if index == self.bar:
            return "measured"
        return "number" if any(isinstance(row[index], int | float) for row in self.rows) else ""

    @property
    def drawn(self) -> list[list[Value | Measured]]:
        """The rows, with their bars."""
        numbers = [max(_number(row[self.bar]), 0) for row in self.rows]
        longest = max(numbers, default=0) or 1
        return [
            self._drawn(row, BAR_LENGTH * number / longest)
            for row, number in zip(self.rows, numbers, strict=True)
        ]

    def _drawn(self, row: Cells, length: float) -> list[Value | Measured]:
        told = f"{row[0]} · {self.headings[self.bar]}: {row[self.bar]}"
        cells: list[Value | Measured] = list(row)
        if row[self.bar] is not None:
            cells[self.bar] = Measured(_number(row[self.bar]), round(length, 1), told)
        return cells

    @property
    def file(self) -> tuple[Sequence[str], Sequence[Cells]]:
        return self.export or (self.headings, self.rows)


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) else 0


def days(duration: timedelta | None) -> float | None:
    """In days, to the hundredth."""
    return None if duration is None else round(duration / timedelta(days=1), 2)


def hours(duration: timedelta | None) -> float | None:
    """In hours, to the hundredth."""
    return None if duration is None else round(duration / timedelta(hours=1), 2)
