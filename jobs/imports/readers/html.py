"""Reads the tables of an HTML page, which many systems export under the name .xls.

Only tables are looked for: a page from such a system needs no complete HTML parser, and this one
passes once over the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from jobs.imports.limits import MAX_COLUMNS, MAX_ROW_NUMBER
from jobs.imports.options import ENCODINGS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.csv import unescaped
from jobs.imports.rows import Sheet, SheetRow

NAME = re.compile(r"/?[a-z][a-z0-9:-]*", re.IGNORECASE)
# Possessive (*+): to try fewer blanks takes quadratic time and never helps.
SPAN = re.compile(r"\b(col|row)span\s*+=\s*+[\"']?\s*+(\d{1,6})", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
SUPERSETS = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii"), "windows-1252"),
    "utf8": "utf-8",
    "shift_jis": "shift-jis",
    "ks_c_5601-1987": "euc-kr",
}
BYTES_WITH_CHARSET = 2_000
TOO_LONG_NUMBER = re.compile(r"&(?=#\d{100})")  # of a character; Python refuses to convert it
# Text in these is no content.
SKIPPED = {
    name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "head", "xml")
}
# Between the texts on both sides of these there is a blank.
BREAKS = frozenset({"br", "p", "/p", "div", "/div", "li", "/li"})
ROW_BOUNDS = frozenset({"tr", "/tr", "tbody", "/tbody", "thead", "/thead", "/table"})
MAX_TAG = 2_000  # characters of a tag that are looked at
MAX_TAGS = 3_000_000

Token = tuple[str, str, str]  # the name of a tag, its attributes, and the text after it


def declared_encoding(content: bytes) -> str:
    """Returns the key in ENCODINGS that the page declares in its first bytes; "" if there is none.

    Browsers read gb2312 as its superset, and ISO 8859-1 as Windows-1252 (WHATWG Encoding).
    """
    found = CHARSET.search(content[:BYTES_WITH_CHARSET])
    name = found[1].decode("ascii").lower() if found else ""
    name = SUPERSETS.get(name, name)
    return name if name in ENCODINGS else ""


def sheets_of(text: str) -> list[Sheet]:
    """Returns a sheet for each table that is not inside another one; they are named by number."""
    count = sum(1 for _tokens in _tables(text))
    return [Sheet(str(number)) for number in range(1, count + 1)]


def rows_of(text: str, sheet: Sheet) -> Iterator[SheetRow]:
    """Yields the texts of every row of a table, and whether the row is hidden."""
    for number, tokens in enumerate(_tables(text), 1):
        if sheet.name == str(number):
            yield from _rows(tokens)
            return


def _tables(text: str) -> Iterator[Iterator[Token]]:
    """Yields the tokens of each outer table."""
    tokens = _tokens(text)
    for name, _attributes, _text in tokens:
        if name == "table":
            table = _until_end(tokens)
            yield table
            for _token in table:  # what the caller has not read
                pass


def _until_end(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yields the tokens of a table. Of tables inside it only the texts are left."""
    depth = 1
    for name, attributes, text in tokens:
        depth += {"table": 1, "/table": -1}.get(name, 0)
        if not depth:
            return
        is_inside = depth > 1 or name == "/table"
        yield ("br" if is_inside else name), attributes, text


def _tokens(text: str) -> Iterator[Token]:
    """Yields the tags of a page, each with the text after it."""
    place, count = text.find("<"), 0
    while place >= 0:
        count += 1
        if count > MAX_TAGS:
            raise UnreadableFile("workbook_too_big")
        found = NAME.match(text, place + 1)
        name = found[0].lower() if found else ""
        start = _end_of_markup(text, place, is_tag=bool(name))
        if start < 0:
            return
        attributes = text[place : min(start, place + MAX_TAG)]
        if name in SKIPPED:
            end_tag = SKIPPED[name].search(text, start)
            end = text.find(">", end_tag.end()) if end_tag else -1
            start = end + 1 if end >= 0 else len(text)
        place = text.find("<", max(start, place + 1))
        yield name, attributes, text[start:] if place < 0 else text[start:place]


def _end_of_markup(text: str, place: int, *, is_tag: bool) -> int:
    """Returns where the text after a tag or comment begins; -1 if it is never closed.

    A lone < is text itself.
    """
    if text.startswith("<!--", place):
        end = text.find("-->", place)
        return end + 3 if end >= 0 else -1
    if is_tag or text.startswith(("<!", "<?"), place):
        return text.find(">", place) + 1 or -1
    return place


@dataclass(slots=True, kw_only=True)
class OpenRow:
    """A row that is being read.

    covered  the columns that cells of earlier rows reach into, each with the last such row
    """

    number: int
    covered: dict[int, int]
    is_hidden: bool = False
    cells: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)  # of the cell that is being read
    column: int = 0  # of that cell
    is_in_cell: bool = False

    def begin_cell(self, attributes: str) -> None:
        """Leaves out columns that a cell above covers; further columns of this cell are empty.

        One cell after MAX_COLUMNS is kept, so that the caller refuses a text in it.
        """
        self.end_cell()
        while self.covered.get(len(self.cells), -1) >= self.number:
            self.cells.append("")
        spans = {kind.lower(): int(number) for kind, number in SPAN.findall(attributes)}
        self.column = min(len(self.cells), MAX_COLUMNS)
        end = min(self.column + max(spans.get("col", 1), 1), MAX_COLUMNS + 1)
        self.cells += [""] * (end - len(self.cells))
        last = self.number + spans.get("row", 1) - 1
        if last > self.number:
            self.covered.update(dict.fromkeys(range(self.column, min(end, MAX_COLUMNS)), last))
        self.parts, self.is_in_cell = [], True

    def end_cell(self) -> None:
        if self.is_in_cell:
            text = unescape(TOO_LONG_NUMBER.sub("&amp;", "".join(self.parts)))
            text = unescaped(text.strip())
            self.cells[self.column] = text or self.cells[self.column]
        self.is_in_cell = False


def _rows(tokens: Iterator[Token]) -> Iterator[SheetRow]:
    row: OpenRow | None = None
    covered: dict[int, int] = {}
    count = 0
    for name, attributes, text in tokens:
        if name in ROW_BOUNDS and row is not None:
            yield _finished(row)
            row = None
        if name == "tr" or (name in ("td", "th") and row is None):
            count += 1
            is_hidden = name == "tr" and HIDDEN.search(attributes) is not None
            row = OpenRow(number=count, covered=covered, is_hidden=is_hidden)
        if name in ("td", "th") and row is not None:
            row.begin_cell(attributes)
        elif name in ("/td", "/th") and row is not None:
            row.end_cell()
        if row is not None and row.is_in_cell:
            row.parts += [" ", text] if name in BREAKS else [text]
    if row is not None:
        yield _finished(row)


def _finished(row: OpenRow) -> SheetRow:
    if row.number > MAX_ROW_NUMBER:
        raise UnreadableFile("too_many_empty_rows", limit=MAX_ROW_NUMBER)
    row.end_cell()
    return row.cells, row.is_hidden
