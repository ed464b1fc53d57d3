"""Opens a CSV file or workbook as numbered rows of cells.

`plan` calls `open_table`; `csv` and `workbook` read the two formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from jobs.imports.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from jobs.imports.options import AUTODETECT, SEPARATORS, ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import csv
from jobs.imports.readers.encoding import decode
from jobs.imports.readers.file_format import other_format
from jobs.imports.rows import Row, Sheet, SheetRow

ZIP_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The non-empty rows of a file, read lazily, and how the file was read.

    A workbook has neither encoding nor separator, and a text file no sheets. Iterating `rows` may
    raise UnreadableFile.
    """

    rows: Iterator[Row]
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()
    encoding: str = ""
    separator: str = ""


def open_table(content: bytes, reading: ReadOptions = AUTODETECT) -> Table:
    """Opens a file.

    Raises UnreadableFile if it is not a CSV file or workbook, is larger than MAX_BYTES or, while
    rows are read, has more than MAX_ROWS rows.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile("too_big", limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(OLD_EXCEL_SIGNATURE):
        raise UnreadableFile("old_excel")
    if name := other_format(content):
        raise UnreadableFile("other_format", format=name)
    if content.startswith(ZIP_SIGNATURE):
        from jobs.imports.readers import workbook  # openpyxl is slow to load and rarely needed

        sheets = workbook.sheets_of(content)
        sheet = _wanted(sheets, reading.sheet)
        rows = _numbered(workbook.rows_of(content, sheet))
        return Table(rows=rows, sheet=sheet.name, sheets=tuple(sheets))
    text = decode(content, reading.encoding)
    declared = csv.declared_separator(text)
    separator = reading.separator or declared or csv.detect_separator(text)
    rows = _numbered((cells, False) for cells in csv.rows_of(text, SEPARATORS[separator]))
    return Table(rows=rows, encoding=text.encoding, separator=separator)


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
