"""Converts values to cells of a spreadsheet. In text files, formulas are escaped.

The import (`jobs/imports/readers/csv.py`) removes the escapes again.
"""

from __future__ import annotations

import re
from datetime import date, datetime

Cell = str | int | float | None

# See OWASP, CSV injection. Chinese and Japanese versions of Excel read full-width signs too.
FORMULA_SIGNS = r"=+\-@\t\r\n＝＋－＠"
COULD_BE_FORMULA = re.compile(f"'*[{FORMULA_SIGNS}]")
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# The texts of cells whose formula has failed; the import reports them.
ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
TIME_FORMAT = "%Y-%m-%d %H:%M"


def cell_of(value: object) -> Cell:
    """Returns numbers unchanged, dates as ISO text, and other values as text.

    A datetime is formatted in its own time zone. Control characters are removed.
    """
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    return CONTROL_CHARACTER.sub("", str(value))


def could_be_formula(cell: Cell) -> bool:
    """True for a text that a spreadsheet could run as a formula if it came from a text file."""
    return isinstance(cell, str) and COULD_BE_FORMULA.match(cell) is not None


def escape_formula(cell: Cell) -> Cell:
    """Puts an apostrophe before a text that a spreadsheet could run as a formula."""
    return f"'{cell}" if could_be_formula(cell) else cell
