"""Text or workbook to rows of cells, each with its number in the file. Nothing is evaluated.

The libraries that read files are loaded with the first file: most processes never see one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from jobs.imports.options import GUESS, SEPARATORS, Reading
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.encoding import Decoded, decode
from jobs.imports.rows import Row

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200

ZIP_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS_TO_SNIFF = 60
CHARACTERS_TO_SNIFF = 8_000  # the time of sniffing grows faster than the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every row that is not empty, as they are asked for, and how the file was read.

    A workbook has neither encoding nor separator. Asking for rows may raise UnreadableFile.
    """

    rows: Iterator[Row]
    encoding: str = ""
    separator: str = ""


def table_of(content: bytes, reading: Reading = GUESS) -> Table:
    """Open a file.

    Raises UnreadableFile for what is no CSV file or workbook, or has more than MAX_ROWS rows.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile("too_big", limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(OLD_EXCEL_SIGNATURE):
        raise UnreadableFile("old_excel")
    if content.startswith(ZIP_SIGNATURE):
        from jobs.imports.readers import workbook

        return Table(rows=_filled(workbook.rows_of(content)))
    text = decode(content, reading.encoding)
    separator = reading.separator or separator_of(text)
    rows = _filled(_text_rows(text, SEPARATORS[separator]))
    return Table(rows=rows, encoding=text.encoding, separator=separator)


def _filled(rows: Iterable[list[str]]) -> Iterator[Row]:
    filled = 0
    for number, cells in enumerate(rows, 1):
        if any(cell.strip() for cell in cells):
            filled += 1
            yield Row(number, cells)
        if filled > MAX_ROWS + 1:  # one row of headings is not counted
            raise UnreadableFile("too_many_rows", limit=MAX_ROWS)
    if not filled:
        raise UnreadableFile("empty")


def _text_rows(text: Decoded, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(text.open(), delimiter=separator, strict=True)  # a lone CR ends a line, too
    rows_read = 0
    try:
        for cells in reader:
            rows_read += 1
            yield cells
    except csv.Error:
        raise UnreadableFile("quotes", row=rows_read + 1) from None


def separator_of(text: Decoded) -> str:
    """The key of the separator that the beginning of the text speaks for."""
    import clevercsv

    lines = io.StringIO(text.open().read(CHARACTERS_TO_SNIFF), newline="")
    sample = "".join(islice(lines, ROWS_TO_SNIFF)).replace("\r\n", "\n").replace("\r", "\n")
    try:
        dialect = clevercsv.Sniffer().sniff(sample, delimiters=list(SEPARATORS.values()))
    except clevercsv.Error:
        dialect = None
    for name, separator in SEPARATORS.items():
        if dialect is not None and dialect.delimiter == separator:
            return name
    first_line = sample.split("\n", 1)[0]
    return max(SEPARATORS, key=lambda name: first_line.count(SEPARATORS[name]))
