"""One row of a table, before anybody knows what its cells mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row. `number` counts from 1, empty rows included."""

    number: int
    cells: list[str]
