"""What stands in one cell of a file that people open in a spreadsheet."""

from __future__ import annotations

import re
from datetime import date, datetime

Cell = str | int | float | None

COULD_BE_FORMULA = re.compile(r"'*[=+\-@\t\r]")
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
TIME_FORMAT = "%Y-%m-%d %H:%M"


def cell_of(value: object) -> Cell:
    """Numbers stay numbers; texts get an apostrophe where they could be taken for a formula.

    The import takes the apostrophe off again (OWASP, CSV injection). A time is shown in the zone
    it carries.
    """
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    return escape_formula(CONTROL_CHARACTER.sub("", str(value)))


def escape_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if COULD_BE_FORMULA.match(text) else text
