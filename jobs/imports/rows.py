"""A row of a file, before its columns are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row. `number` counts from 1, empty rows included."""

    number: int
    cells: list[str]


class UncomputedFormula(str):
    """The text of a formula whose value is not in the file, because no spreadsheet wrote it."""

    __slots__ = ()
