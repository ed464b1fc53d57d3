"""Writes rows to a CSV file or an Excel workbook, one at a time.

`openpyxl` is imported with the first workbook: it is slow to load.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from typing import IO, Protocol

from jobs.exports.cells import ERROR_VALUES, Cell, cell_of, could_be_formula, escape_formula


class Writer(Protocol):
    """Takes rows one at a time; the file is complete after `finish`."""

    def add(self, values: Iterable[object]) -> None: ...

    def finish(self) -> None: ...


class CsvWriter:
    """Writes UTF-8 with a byte order mark; without it Excel garbles Chinese text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._rows = csv.writer(codecs.getwriter("utf-8-sig")(file))

    def add(self, values: Iterable[object]) -> None:
        self._rows.writerow([escape_formula(cell_of(value)) for value in values])

    def finish(self) -> None:
        """Does nothing: every row has been written."""


class WorkbookWriter:
    """Writes a workbook with one sheet; openpyxl buffers its rows on disk, not in memory."""

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
        if self._is_first:
            return self._heading(value)
        # openpyxl takes the texts of errors for errors.
        is_special = could_be_formula(value) or value in ERROR_VALUES
        return self._text(value) if is_special else value

    def _heading(self, value: Cell) -> object:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        heading = WriteOnlyCell(self._sheet, value)
        heading.font = Font(bold=True)
        return heading

    def _text(self, value: Cell) -> object:
        """Returns a cell that is text, whatever it looks like, also after somebody has edited it.

        The text itself is unchanged: nothing has to be removed when the workbook is read.
        """
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell

    def finish(self) -> None:
        self._book.save(self._file)


WRITERS: dict[str, type[CsvWriter | WorkbookWriter]] = {"csv": CsvWriter, "xlsx": WorkbookWriter}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
