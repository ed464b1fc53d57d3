"""Converts values to cells of a spreadsheet, safe against formula injection."""

from __future__ import annotations

import re
from datetime import date, datetime

Cell = str | int | float | None

COULD_BE_FORMULA = re.compile(r"'*[=+\-@\t\r]")
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
TIME_FORMAT = "%Y-%m-%d %H:%M"


def cell_of(value: object) -> Cell:
    """Returns numbers unchanged, dates as ISO text, and other values as escaped text.

    A datetime is formatted in its own time zone. Control characters are removed.
    """
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    return escape_formula(CONTROL_CHARACTER.sub("", str(value)))


def escape_formula(text: str) -> str:
    """Puts an apostrophe before a text that a spreadsheet could run as a formula.

    See OWASP, CSV injection. The import removes the apostrophe again.
    """
    return f"'{text}" if COULD_BE_FORMULA.match(text) else text
