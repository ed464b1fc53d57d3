"""Reads the rows of a worksheet, and the shared strings that its cells refer to.

`workbook` calls it. Both read lazily, within bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

# The standard parser is enough: it resolves no external entity, and expat limits the expansion of
# internal ones (https://docs.python.org/3/library/xml.html#xml-security).
from xml.etree.ElementTree import Element, iterparse

# Private, because the public reader expands the whole sheet before any limit can stop it. Only the
# parser of one cell is used. If openpyxl moves it, every import of an Excel file fails.
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from jobs.imports.limits import MAX_COLUMNS
from jobs.imports.problems import UnreadableFile
from jobs.imports.rows import SheetRow, UncomputedFormula

BYTES_A_ROW = MAX_COLUMNS * 40  # a number, or the index of a shared string
BYTES_AT_ONCE = 1024 * 1024  # for the part before the first row, and for one long row
MAX_SHARED_STRINGS = 500_000
# A character that XML cannot hold, ECMA-376 part 1, 22.4.2.4: _x000D_, and _x005F_ for a lone _.
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def tag(name: str) -> str:
    return f"{{{SHEET_MAIN_NS}}}{name}"


SHEET_DATA, ROW, FORMULA, VALUE, INLINE = map(tag, ("sheetData", "row", "f", "v", "is"))
ENTRY, PLAIN, FORMATTED = map(tag, ("si", "t", "r"))


class RowBudgetStream:
    """A worksheet stream with a read budget that each row extends by `bytes_a_row`.

    Stops files that expand far beyond what their rows can need.
    """

    def __init__(self, part: IO[bytes], bytes_a_row: int = BYTES_A_ROW) -> None:
        self._part = part
        self._bytes_a_row = bytes_a_row
        self._left = BYTES_AT_ONCE

    def read(self, size: int = -1, /) -> bytes:
        octets = self._part.read(size)
        self._left -= len(octets)
        if self._left < 0:
            raise UnreadableFile("workbook_too_big")
        return octets

    def row_was_read(self) -> None:
        self._left = min(self._left + self._bytes_a_row, BYTES_AT_ONCE)


class SharedStrings:
    """The shared strings of a workbook by index, read only as far as cells refer to them."""

    def __init__(self, part: IO[bytes]) -> None:
        self._known: list[str] = []
        self._more = _texts_in(part)

    def __getitem__(self, number: int) -> str:
        """Raises IndexError if there are fewer strings."""
        missing = max(0, number + 1 - len(self._known))
        self._known.extend(islice(self._more, missing))
        return self._known[number]


def _texts_in(part: IO[bytes]) -> Iterator[str]:
    events = iterparse(part, events=("start", "end"))  # noqa: S314
    _event, root = next(events)
    count = 0
    for event, element in events:
        if event == "end" and element.tag == ENTRY:
            count += 1
            if count > MAX_SHARED_STRINGS:
                raise UnreadableFile("workbook_too_big")
            yield text_of(element)
            root.clear()


def text_of(element: Element) -> str:
    """Returns the text of a string item, without formats and phonetic guides."""
    plain = [child for child in element if child.tag == PLAIN]
    formatted = [child.find(PLAIN) for child in element if child.tag == FORMATTED]
    parts = [part.text for part in (*plain, *formatted) if part is not None]
    text = "".join(filter(None, parts))
    return ESCAPE.sub(_unescaped, text)


def _unescaped(escape: re.Match[str]) -> str:
    """Returns the character; "" for one that no text may hold, such as NUL or half a surrogate."""
    character = chr(int(escape[1], 16))
    return character if character.isprintable() or character.isspace() else ""


class SheetReader(WorkSheetParser):
    """Uses only openpyxl's cell parser, not the rest of its sheet reader."""

    def rows(self, part: RowBudgetStream) -> Iterator[tuple[int, SheetRow]]:
        """Yields the number and the texts of each row, and whether it is hidden.

        Raises UnreadableFile if a row has text beyond MAX_COLUMNS.
        """
        data: Element | None = None
        for event, element in iterparse(part, events=("start", "end")):  # noqa: S314
            if event == "start":
                data = element if element.tag == SHEET_DATA else data
            elif element.tag == ROW and data is not None:
                part.row_was_read()
                self.row_counter = int(float(element.get("r", self.row_counter + 1)))
                self.col_counter = 0
                is_hidden = element.get("hidden", "0") in ("1", "true")
                yield self.row_counter, (self._texts(element), is_hidden)
                data.clear()
            elif element.tag == SHEET_DATA:
                return

    def _texts(self, row: Element) -> list[str]:
        texts = [""] * MAX_COLUMNS if len(row) else []
        for element in islice(row, MAX_COLUMNS):
            cell = self.parse_cell(element)
            if cell["column"] <= MAX_COLUMNS:
                texts[cell["column"] - 1] = cell_text(cell["value"])
            elif cell["value"] is not None:
                raise self._too_wide()
        if any(any(element.itertext()) for element in islice(row, MAX_COLUMNS, None)):
            raise self._too_wide()
        return texts

    def _too_wide(self) -> UnreadableFile:
        return UnreadableFile("too_many_columns", row=self.row_counter, limit=MAX_COLUMNS)

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Returns openpyxl's values of a cell; of a formula, the value that was computed last."""
        formula, inline = element.find(FORMULA), element.find(INLINE)
        if formula is not None:
            element.remove(formula)
            if not element.findtext(VALUE):
                uncomputed = UncomputedFormula(f"={formula.text or ''}")
                return dict(super().parse_cell(element)) | {"value": uncomputed}
        if inline is None:
            return dict(super().parse_cell(element))
        element.remove(inline)  # openpyxl would build objects for all its formats
        return dict(super().parse_cell(element)) | {"value": text_of(inline)}


def cell_text(value: object) -> str:
    """Returns a cell's value as text, as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, UncomputedFormula):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
