"""Opens a CSV file or workbook as numbered rows of cells.

`plan` calls `open_table`; `csv` and `workbook` read the two formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.imports.limits import MAX_BYTES, MAX_ROWS
from jobs.imports.options import AUTODETECT, SEPARATORS, ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import csv
from jobs.imports.readers.encoding import decode
from jobs.imports.readers.file_format import other_format
from jobs.imports.rows import Row

ZIP_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The non-empty rows of a file, read lazily, and how the file was read.

    A workbook has neither encoding nor separator. Iterating `rows` may raise UnreadableFile.
    """

    rows: Iterator[Row]
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

        return Table(rows=_numbered(workbook.rows_of(content)))
    text = decode(content, reading.encoding)
    declared = csv.declared_separator(text)
    separator = reading.separator or declared or csv.detect_separator(text)
    rows = _numbered(csv.rows_of(text, SEPARATORS[separator]))
    return Table(rows=rows, encoding=text.encoding, separator=separator)


def _numbered(rows: Iterable[list[str]]) -> Iterator[Row]:
    """Yields the rows that hold text, numbered as in the file."""
    filled = 0
    for number, cells in enumerate(rows, 1):
        if any(cell.strip() for cell in cells):
            filled += 1
            yield Row(number, cells)
        if filled > MAX_ROWS + 1:  # the heading row does not count
            raise UnreadableFile("too_many_rows", limit=MAX_ROWS)
    if not filled:
        raise UnreadableFile("empty")
