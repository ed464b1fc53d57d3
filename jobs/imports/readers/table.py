"""Opens a CSV file or workbook as numbered rows of cells.

`plan` calls `open_table`; `csv`, `workbook`, `xls`, `ods` and `html` read the formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from jobs.imports.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from jobs.imports.options import AUTODETECT, SEPARATORS, ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import csv, html
from jobs.imports.readers.encoding import decode
from jobs.imports.readers.file_format import HTML, SPREADSHEET, other_format
from jobs.imports.rows import Row, Sheet, SheetRow

ZIP_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class WorkbookReader(Protocol):
    """A module that reads one format of workbooks."""

    def sheets_of(self, content: bytes) -> list[Sheet]: ...

    def rows_of(self, content: bytes, sheet: Sheet) -> Iterator[SheetRow]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The non-empty rows of a file, read lazily, and how the file was read.

    A workbook has neither encoding nor separator, and a text file no sheets; the sheets of an HTML
    page are its tables. Iterating `rows` may raise UnreadableFile.
    """

    rows: Iterator[Row]
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()
    encoding: str = ""
    separator: str = ""


def open_table(content: bytes, reading: ReadOptions = AUTODETECT) -> Table:
    """Opens a file.

    Raises UnreadableFile if it is not a CSV file, workbook or HTML table, is larger than MAX_BYTES
    or, while rows are read, has more than MAX_ROWS rows.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile("too_big", limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(OLD_EXCEL_SIGNATURE):
        from jobs.imports.readers import xls  # as rarely needed as openpyxl

        return _open_workbook(content, reading, xls)
    name = other_format(content)
    if name == HTML:
        return _open_page(content, reading)
    if name and name != SPREADSHEET:
        raise UnreadableFile("other_format", format=name)
    if content.startswith(ZIP_SIGNATURE):
        from jobs.imports.readers import ods, workbook  # openpyxl is slow to load

        return _open_workbook(content, reading, ods if name == SPREADSHEET else workbook)
    text = decode(content, reading.encoding)
    declared = csv.declared_separator(text)
    separator = reading.separator or declared or csv.detect_separator(text)
    rows = _numbered((cells, False) for cells in csv.rows_of(text, SEPARATORS[separator]))
    return Table(rows=rows, encoding=text.encoding, separator=separator)


def _open_workbook(content: bytes, reading: ReadOptions, reader: WorkbookReader) -> Table:
    sheets = reader.sheets_of(content)
    sheet = _wanted(sheets, reading.sheet)
    rows = _numbered(reader.rows_of(content, sheet))
    return Table(rows=rows, sheet=sheet.name, sheets=tuple(sheets))


def _open_page(content: bytes, reading: ReadOptions) -> Table:
    """Opens an HTML page, in the chosen or declared encoding, else in the detected one.

    Its tables are its sheets. Raises UnreadableFile, also if it has none.
    """
    try:
        decoded = decode(content, reading.encoding or html.declared_encoding(content))
    except UnreadableFile:
        if reading.encoding:
            raise
        decoded = decode(content)
    text = decoded.open().read()
    sheets = html.sheets_of(text)
    if not sheets:
        raise UnreadableFile("other_format", format=HTML)
    sheet = _wanted(sheets, reading.sheet)
    return Table(
        rows=_numbered(html.rows_of(text, sheet)),
        encoding=decoded.encoding,
        sheet=sheet.name,
        sheets=tuple(sheets),
    )


def _wanted(sheets: Sequence[Sheet], name: str) -> Sheet:
    """Returns the sheet of this name; without a name the first that people see.

    Raises UnreadableFile if there is none.
    """
    if not sheets:
        raise UnreadableFile("workbook")
    if not name:
        return min(sheets, key=lambda sheet: sheet.is_hidden)
    found = [sheet for sheet in sheets if sheet.name == name]
    if not found:
        raise UnreadableFile("no_such_sheet", sheet=name[:100])
    return found[0]


def _numbered(rows: Iterable[SheetRow]) -> Iterator[Row]:
    """Yields the rows that hold text, numbered as in the file."""
    filled = 0
    for number, (cells, is_hidden) in enumerate(rows, 1):
        if len(cells) > MAX_COLUMNS:
            if any(cell.strip() for cell in islice(cells, MAX_COLUMNS, None)):
                raise UnreadableFile("too_many_columns", row=number, limit=MAX_COLUMNS)
            cells = cells[:MAX_COLUMNS]
        if any(cell.strip() for cell in cells):
            filled += 1
            yield Row(number, cells, is_hidden)
        if filled > MAX_ROWS + 1:  # the heading row does not count
            raise UnreadableFile("too_many_rows", limit=MAX_ROWS)
    if not filled:
        raise UnreadableFile("empty")
