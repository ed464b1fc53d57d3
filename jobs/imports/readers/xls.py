"""Reads the sheets of an Excel file of before 2007 (.xls), as job sites and older systems write it.

The file is not compressed, and xlrd keeps only the cells that are in it: memory is bounded by the
limit for files.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError

from jobs.imports.limits import MAX_COLUMNS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.sheet import cell_text
from jobs.imports.rows import Sheet, SheetRow

DAMAGE_ERRORS = (
    xlrd.XLRDError,  # also without a workbook inside, or with a password
    CompDocError,
    struct.error, AssertionError, ArithmeticError, LookupError, ValueError, TypeError,
    AttributeError, RecursionError,  # xlrd does not validate
)  # fmt: skip


VISIBLE = 0


def sheets_of(content: bytes) -> list[Sheet]:
    """Returns the sheets, in their order. Raises UnreadableFile if the file cannot be read."""
    with _opened(content) as book:
        # Private, because the public attribute is that of a sheet, which would be read for it.
        visibility = book._sheet_visibility
        return [
            Sheet(name, is_hidden=state != VISIBLE)
            for name, state in zip(book.sheet_names(), visibility, strict=True)
        ]


def rows_of(content: bytes, sheet: Sheet) -> Iterator[SheetRow]:
    """Yields the texts of every row of a sheet, and whether it is hidden.

    Raises UnreadableFile if the file cannot be read.
    """
    with _opened(content) as book:
        found = book.sheet_by_name(sheet.name)
        for number in range(found.nrows):
            width = min(found.row_len(number), MAX_COLUMNS + 1)
            cells = [found.cell(number, column) for column in range(width)]
            look = found.rowinfo_map.get(number)
            yield [_text(cell, book) for cell in cells], bool(look and look.hidden)


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    """Opens a file, of which each sheet is read when it is asked for."""
    try:
        with Path(os.devnull).open("w") as nowhere:  # xlrd would print what it finds strange
            yield xlrd.open_workbook(
                file_contents=content,
                logfile=nowhere,
                formatting_info=True,  # whether a row is hidden
                on_demand=True,
                ragged_rows=True,
            )
    except DAMAGE_ERRORS:
        raise UnreadableFile("old_excel") from None


def _text(cell: Any, book: Any) -> str:
    """Returns a cell's value as text; of a formula, the value that was computed last."""
    match cell.ctype:
        case xlrd.XL_CELL_DATE:
            return cell_text(xlrd.xldate_as_datetime(cell.value, book.datemode))
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#VALUE!"))
        case xlrd.XL_CELL_BOOLEAN:
            return cell_text(bool(cell.value))
        case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
            return ""
    return cell_text(cell.value)
