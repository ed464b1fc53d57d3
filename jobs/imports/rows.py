"""The sheets and rows of a file, before its columns are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row. `number` counts from 1, empty rows included."""

    number: int
    cells: list[str]
    is_hidden: bool = False  # in a workbook: by hand, or by a filter


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    is_hidden: bool = False


SheetRow = tuple[list[str], bool]
"""The cells of a row of a workbook, and whether the row is hidden."""


class UncomputedFormula(str):
    """The text of a formula whose value is not in the file, because no spreadsheet wrote it."""

    __slots__ = ()
