"""Splits decoded CSV text into rows of cells. Nothing is evaluated.

Escapes that only text files need are removed, so that a row can be written to one again.

`clevercsv` is imported with the first file: most processes never see one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice

from jobs.exports.cells import FORMULA_SIGNS
from jobs.imports.options import SEPARATORS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.encoding import DecodedText, printable

# The first line in which spreadsheets name the separator: `sep=;`.
DECLARATION = re.compile(r'"?sep=([,;\t])"?[,;\t]*', re.IGNORECASE)
ESCAPED_FORMULA = re.compile(f"'(?='*[{FORMULA_SIGNS}])")
KEPT_TEXT = re.compile(r'="((?:[^"]|"")*)"')
ROWS_TO_SNIFF = 60
CHARACTERS_TO_SNIFF = 8_000  # sniffing time grows faster than linearly with the sample


def rows_of(text: DecodedText, separator: str) -> Iterator[list[str]]:
    """Yields the cells of each row, read as Excel reads them; a declaration is an empty row.

    Raises UnreadableFile("quotes") for a quote that is never closed.
    """
    lines = RecordedLines(text.open())  # a lone CR ends a row too
    rows_read = 0
    while True:
        for cells in _strict_rows(lines, separator):
            rows_read += 1
            is_declaration = rows_read == 1 and DECLARATION.fullmatch(separator.join(cells))
            yield [] if is_declaration else [unescaped(cell) for cell in cells]
        if not lines.of_row:
            return
        rows_read += 1
        yield _lenient_row(lines, separator, number=rows_read)


class RecordedLines:
    """The lines of a text, which remembers those of the row that is being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.of_row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.of_row.append(line)
            yield line


def _strict_rows(lines: RecordedLines, separator: str) -> Iterator[list[str]]:
    """Yields rows up to one with misplaced or unbalanced quotes, whose lines stay in `lines`."""
    try:
        for cells in csv.reader(iter(lines), delimiter=separator, strict=True):
            lines.of_row.clear()
            yield cells
    except csv.Error:
        return


def _lenient_row(lines: RecordedLines, separator: str, *, number: int) -> list[str]:
    """Returns a row that has text after a closing quote, such as `"李"明`: Excel reads 李明."""
    begun, lines.of_row = lines.of_row, []
    try:
        cells = next(csv.reader(chain(begun, lines), delimiter=separator, strict=False))
    except csv.Error:
        raise UnreadableFile("quotes", row=number) from None
    if "".join((*begun, *lines.of_row)).count('"') % 2:
        raise UnreadableFile("quotes", row=number)
    lines.of_row = []
    return [unescaped(cell) for cell in cells]


def unescaped(cell: str) -> str:
    """Removes the apostrophe that our exports put before a text that could be a formula, and the
    `="…"` with which other programs keep Excel from turning a text into a number.
    """
    plain = cell.lstrip()
    if plain.startswith("'") and ESCAPED_FORMULA.match(plain):
        return plain[1:]
    if plain.startswith('="') and (found := KEPT_TEXT.fullmatch(plain.rstrip())):
        return found[1].replace('""', '"')
    return cell


def declared_separator(text: DecodedText) -> str:
    """Returns the key in SEPARATORS of the separator that the first line names, or ""."""
    found = DECLARATION.fullmatch(text.open().readline(CHARACTERS_TO_SNIFF).rstrip("\r\n"))
    if not found:
        return ""
    return next(name for name, separator in SEPARATORS.items() if separator == found[1])


def detect_separator(text: DecodedText) -> str:
    """Returns the key in SEPARATORS of the separator that the first rows most likely use."""
    import clevercsv

    lines = io.StringIO(text.open().read(CHARACTERS_TO_SNIFF), newline="")
    sample = "".join(islice(lines, ROWS_TO_SNIFF)).replace("\r\n", "\n").replace("\r", "\n")
    try:
        dialect = clevercsv.Sniffer().sniff(printable(sample), delimiters=list(SEPARATORS.values()))
    except clevercsv.Error:
        dialect = None
    for name, separator in SEPARATORS.items():
        if dialect is not None and dialect.delimiter == separator:
            return name
    first_line = sample.split("\n", 1)[0]
    return max(SEPARATORS, key=lambda name: first_line.count(SEPARATORS[name]))
