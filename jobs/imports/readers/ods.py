"""Reads the sheets of an OpenDocument spreadsheet (.ods), as LibreOffice and WPS write it.

Like a workbook, it is a ZIP file that can be far larger inside: rows are read only as they are
requested, and repeated cells and rows are not expanded beyond the limits.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from itertools import repeat
from typing import IO

# See `sheet`: the standard parser is enough.
from xml.etree.ElementTree import Element, iterparse

from jobs.imports.limits import MAX_COLUMNS, MAX_ROW_NUMBER
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.sheet import RowBudgetStream, cell_text
from jobs.imports.readers.workbook import DAMAGE_ERRORS, MAX_SHEET_BYTES, Archive
from jobs.imports.rows import Sheet, SheetRow, UncomputedFormula

CONTENT = "content.xml"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
NUMBERS = ("float", "percentage", "currency")
HIDDEN = ("collapse", "filter")
BYTES_A_ROW = MAX_COLUMNS * 400  # a cell with its formats and a text

# The sheets are listed without parsing the rows before them.
SHEET_OR_HIDDEN_STYLE = re.compile(
    rb"<table:table\s(?P<sheet>[^<>]{0,2000})>"
    rb"|<style:style\s(?P<style>[^<>]{0,2000})>\s{0,100}"
    rb"<style:table-properties\s[^<>]{0,2000}table:display=\"false\""
)
LONGEST_TAGS = 8_000
NAME = re.compile(rb'\btable:name="([^"]*)"')
STYLE_NAME = re.compile(rb'\b(?:style:name|table:style-name)="([^"]*)"')
BYTES_AT_ONCE = 1024 * 1024

Repeated = tuple[list[str], bool, int]
"""The texts of a row, whether it is hidden, and how often it is repeated."""


def sheets_of(content: bytes) -> list[Sheet]:
    """Returns the sheets, in their order. Raises UnreadableFile if the file is damaged."""
    hidden: set[bytes] = set()
    sheets: list[Sheet] = []
    try:
        with _opened(content) as archive, archive.open(CONTENT, limit=MAX_SHEET_BYTES) as part:
            for found in _found_in(part):
                if found["style"]:
                    hidden.add(_attribute(STYLE_NAME, found["style"]))
                else:
                    sheets.append(_sheet(found["sheet"], hidden))
    except DAMAGE_ERRORS:
        raise _damaged() from None
    if not sheets:
        raise _damaged()
    return sheets


def rows_of(content: bytes, sheet: Sheet) -> Iterator[SheetRow]:
    """Yields the texts of every row of a sheet, without the empty rows at its end.

    Raises UnreadableFile if the file is damaged, or far larger than its rows should be.
    """
    empty = number = 0
    for texts, is_hidden, times in _repeated_rows(content, sheet.name):
        number += times
        if not any(texts):
            empty += times
            continue
        if empty and number > MAX_ROW_NUMBER:
            raise UnreadableFile("too_many_empty_rows", limit=MAX_ROW_NUMBER)
        yield from repeat(([], False), empty)
        yield from repeat((texts, is_hidden), times)
        empty = 0


def _opened(content: bytes) -> Archive:
    return Archive(io.BytesIO(content))


def _damaged() -> UnreadableFile:
    return UnreadableFile("other_format", format="OpenDocument (.ods)")


def _found_in(part: IO[bytes]) -> Iterator[re.Match[bytes]]:
    """Yields the tags of sheets and hidden styles, also where two pieces meet."""
    text = b""
    while octets := part.read(BYTES_AT_ONCE):
        text += octets
        end = 0
        for found in SHEET_OR_HIDDEN_STYLE.finditer(text):
            end = found.end()
            yield found
        text = text[max(end, len(text) - LONGEST_TAGS) :]


def _sheet(tag: bytes, hidden: set[bytes]) -> Sheet:
    name = unescape(_attribute(NAME, tag).decode("utf-8", "replace"))
    return Sheet(name, is_hidden=_attribute(STYLE_NAME, tag) in hidden)


def _attribute(pattern: re.Pattern[bytes], tag: bytes) -> bytes:
    found = pattern.search(tag)
    return found[1] if found else b""


def _repeated_rows(content: bytes, name: str) -> Iterator[Repeated]:
    try:
        with _opened(content) as archive, archive.open(CONTENT, limit=MAX_SHEET_BYTES) as part:
            yield from _parsed_rows(RowBudgetStream(part, bytes_a_row=BYTES_A_ROW), name)
    except DAMAGE_ERRORS:
        raise _damaged() from None


def _parsed_rows(part: RowBudgetStream, name: str) -> Iterator[Repeated]:
    parents: list[Element] = []
    is_wanted = False
    for event, element in iterparse(part, events=("start", "end")):  # noqa: S314
        if event == "start":
            parents.append(element)
            if element.tag == f"{TABLE}table":
                is_wanted = element.get(f"{TABLE}name") == name
            continue
        parents.pop()
        if element.tag == f"{TABLE}table-row":
            part.row_was_read()
            if is_wanted:
                yield _row(element)
            parents[-1].remove(element)
        elif element.tag == f"{TABLE}table" and is_wanted:
            return


def _row(row: Element) -> Repeated:
    texts: list[str] = []
    for cell in row:
        if cell.tag in CELLS:
            text = _cell(cell)
            times = int(cell.get(f"{TABLE}number-columns-repeated", 1))
            texts += [text] * min(times, MAX_COLUMNS + 1 - len(texts))
            if text and len(texts) > MAX_COLUMNS:
                break  # refused by the caller
    while texts and not texts[-1]:
        texts.pop()
    is_hidden = row.get(f"{TABLE}visibility") in HIDDEN
    return texts, is_hidden, int(row.get(f"{TABLE}number-rows-repeated", 1))


def _cell(cell: Element) -> str:
    """Returns the value of a cell as text; of a formula, the value that was computed last."""
    kind = cell.get(f"{OFFICE}value-type", "")
    shown = " ".join(_text(child) for child in cell if child.tag == f"{TEXT}p")
    formula = cell.get(f"{TABLE}formula")
    if formula is not None and not kind:
        return UncomputedFormula(formula)
    if cell.get(f"{CALC}value-type") == "error":
        return shown if shown.startswith("#") else "#VALUE!"
    if kind in NUMBERS:
        return cell_text(float(cell.get(f"{OFFICE}value", "nan")))
    if kind == "date":
        return cell.get(f"{OFFICE}date-value", shown).removesuffix("T00:00:00")
    return cell.get(f"{OFFICE}string-value") or shown


def _text(paragraph: Element) -> str:
    """Returns the text of a paragraph; marks for blanks and line breaks are blanks."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        is_blank = child.tag in (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break")
        parts += [" " if is_blank else _text(child), child.tail or ""]
    return "".join(parts)
