"""A row of a file, before its columns are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row. `number` counts from 1, empty rows included."""

    number: int
    cells: list[str]
