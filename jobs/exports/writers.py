"""Rows into a file, one after the other: CSV with byte order mark, or Excel workbook.

What writes workbooks is loaded with the first of them.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from typing import IO, Protocol

from jobs.exports.cells import Cell, cell_of


class Writer(Protocol):
    """Takes rows as they come; the file is whole after `finish`."""

    def add(self, values: Iterable[object]) -> None: ...

    def finish(self) -> None: ...


class CsvWriter:
    """UTF-8 with a byte order mark, without which Excel shows Chinese as nonsense."""

    def __init__(self, file: IO[bytes]) -> None:
        self._rows = csv.writer(codecs.getwriter("utf-8-sig")(file))

    def add(self, values: Iterable[object]) -> None:
        self._rows.writerow([cell_of(value) for value in values])

    def finish(self) -> None:
        """Every row is in the file already."""


class WorkbookWriter:
    """An Excel workbook of one sheet; its rows wait on disk, not in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        import openpyxl

        self._file = file
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"
        self._is_first = True

    def add(self, values: Iterable[object]) -> None:
        cells = [self._cell(cell_of(value)) for value in values]
        self._is_first = False
        self._sheet.append(cells)

    def _cell(self, value: Cell) -> object:
        if not self._is_first:
            return value
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        heading = WriteOnlyCell(self._sheet, value)
        heading.font = Font(bold=True)
        return heading

    def finish(self) -> None:
        self._book.save(self._file)


WRITERS: dict[str, type[CsvWriter | WorkbookWriter]] = {"csv": CsvWriter, "xlsx": WorkbookWriter}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
