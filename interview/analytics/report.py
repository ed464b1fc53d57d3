"""The data of one report: a table that the page draws with bars and the CSV file contains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

Value = str | int | float | date | None
ReportRow = Sequence[Value]

BAR_LENGTH = 100  # of the longest bar, in units of the SVG's viewBox


@dataclass(frozen=True, slots=True)
class BarCell:
    """A number drawn with a bar, whose length is its share of the column's largest number.

    length   0 to BAR_LENGTH
    tooltip  text shown when the pointer rests on the bar
    """

    value: float
    length: float
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as a table.

    name         key in `registry.REPORTS`, also used in addresses and file names
    note         explains what is counted and what is not
    audit_label  label of the reported model, for the audit entry of a download
    bar          index of the column drawn with bars; column 0 names the row
    export       headings and rows of the CSV file, if they differ from those of the page
    """

    name: str
    title: str
    note: str
    audit_label: str
    headings: Sequence[str]
    rows: Sequence[ReportRow]
    bar: int = 1
    export: tuple[Sequence[str], Sequence[ReportRow]] | None = None

    @property
    def is_empty(self) -> bool:
        """True if every value is zero or missing."""
        return not any(_number(cell) for row in self.rows for cell in row[1:])

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The headings, each with the CSS class of its column: "measured", "number" or ""."""
        return [(heading, self._kind(index)) for index, heading in enumerate(self.headings)]

    def _kind(self, index: int) -> str:
        if index == self.bar:
            return "measured"
        return "number" if any(isinstance(row[index], int | float) for row in self.rows) else ""

    @property
    def rows_with_bars(self) -> list[list[Value | BarCell]]:
        """The rows, with a BarCell in the column `bar`."""
        numbers = [max(_number(row[self.bar]), 0) for row in self.rows]
        longest = max(numbers, default=0) or 1
        return [
            self._with_bar(row, BAR_LENGTH * number / longest)
            for row, number in zip(self.rows, numbers, strict=True)
        ]

    def _with_bar(self, row: ReportRow, length: float) -> list[Value | BarCell]:
        tooltip = f"{row[0]} · {self.headings[self.bar]}: {row[self.bar]}"
        cells: list[Value | BarCell] = list(row)
        if row[self.bar] is not None:
            cells[self.bar] = BarCell(_number(row[self.bar]), round(length, 1), tooltip)
        return cells

    @property
    def csv_table(self) -> tuple[Sequence[str], Sequence[ReportRow]]:
        return self.export or (self.headings, self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the report as values that JSON can hold, for the cache."""
        found = asdict(self)
        found["rows"] = _dumped(self.rows)
        if self.export:
            found["export"] = [list(self.export[0]), _dumped(self.export[1])]
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Report:
        """Return the report that `as_json` wrote. Raises TypeError or KeyError for other values."""
        export = found["export"] and (found["export"][0], _loaded(found["export"][1]))
        return cls(**found | {"rows": _loaded(found["rows"]), "export": export})


def _dumped(rows: Sequence[ReportRow]) -> list[list[Any]]:
    return [
        [{"day": cell.isoformat()} if isinstance(cell, date) else cell for cell in row]
        for row in rows
    ]


def _loaded(rows: list[list[Any]]) -> list[ReportRow]:
    return [
        tuple(date.fromisoformat(cell["day"]) if isinstance(cell, dict) else cell for cell in row)
        for row in rows
    ]


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) else 0


def days(duration: timedelta | None) -> float | None:
    """Converts a duration to days, rounded to two decimals."""
    return None if duration is None else round(duration / timedelta(days=1), 2)


def hours(duration: timedelta | None) -> float | None:
    """Converts a duration to hours, rounded to two decimals."""
    return None if duration is None else round(duration / timedelta(hours=1), 2)
