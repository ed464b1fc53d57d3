"""Splits decoded CSV text into rows of cells. Nothing is evaluated.

`clevercsv` is imported with the first file: most processes never see one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from jobs.imports.options import SEPARATORS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.encoding import DecodedText

ROWS_TO_SNIFF = 60
CHARACTERS_TO_SNIFF = 8_000  # sniffing time grows faster than linearly with the sample


def rows_of(text: DecodedText, separator: str) -> Iterator[list[str]]:
    """Yields the cells of each row. Raises UnreadableFile("quotes") for unbalanced quotes."""
    reader = csv.reader(text.open(), delimiter=separator, strict=True)  # a lone CR ends a row too
    rows_read = 0
    try:
        for cells in reader:
            rows_read += 1
            yield cells
    except csv.Error:
        raise UnreadableFile("quotes", row=rows_read + 1) from None


def detect_separator(text: DecodedText) -> str:
    """Returns the key in SEPARATORS of the separator that the first rows most likely use."""
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
