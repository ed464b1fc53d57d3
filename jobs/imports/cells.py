"""Parses the cells of a row into a candidate's values, and collects the problems."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jobs.candidates.contacts import (
    INVISIBLE,
    InvalidContact,
    normalize_email,
    normalize_mobile,
    normalize_text,
)
from jobs.imports.columns import Layout
from jobs.imports.problems import Problem
from jobs.imports.rows import Row

MAX_LENGTHS = {"name": 120, "city": 60, "school": 120, "major": 120, "degree": 40, "email": 254}
SCORES = ("general_score", "written_score")
WHOLE_NUMBER = re.compile(r"(\d{1,3})(?:\.0+)?")
BLANKS = re.compile(r"\s+")
# Our exports put an apostrophe before texts that a spreadsheet would run as a formula.
ESCAPED_FORMULA = re.compile(r"'(?='*[=+\-@\t\r])")


class InvalidScore(ValueError):
    """The text is not a whole number from 0 to 100."""

    code = "score"


@dataclass(slots=True, kw_only=True)
class ParsedRow:
    """A parsed row. `values` are normalised and ready to store if there are no problems."""

    row: int
    cells: list[str] = field(default_factory=list)  # unchanged, as in the file
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse_row(row: Row, layout: Layout) -> ParsedRow:
    """Parses one row and collects all of its problems, not only the first."""
    cells = row.cells
    parsed = ParsedRow(row=row.number, cells=cells)
    if len(cells) < layout.width or any(cell.strip() for cell in cells[layout.width :]):
        params = {"cells": len(cells), "width": layout.width}
        parsed.problems.append(Problem(code="cells", row=row.number, params=params))
        return parsed
    for name, index in layout.fields.items():
        text = unescape_formula(cells[index].strip())
        _parse_cell(parsed, name, text, heading=layout.headings[name])
    if not parsed.problems and not (parsed.values.get("mobile") or parsed.values.get("email")):
        column = layout.headings.get("mobile") or layout.headings.get("email", "")
        parsed.problems.append(Problem(code="no_contact", row=row.number, column=column))
    return parsed


def _parse_cell(parsed: ParsedRow, name: str, text: str, *, heading: str) -> None:
    try:
        value = parse_value(name, text)
    except (InvalidContact, InvalidScore) as error:
        parsed.problems.append(Problem(code=error.code, row=parsed.row, column=heading))
        return
    if name == "name" and not value:
        parsed.problems.append(Problem(code="required", row=parsed.row, column=heading))
    limit = MAX_LENGTHS.get(name)
    if limit is not None and len(value) > limit:
        params = {"limit": limit}
        parsed.problems.append(
            Problem(code="too_long", row=parsed.row, column=heading, params=params)
        )
    parsed.values[name] = value


def unescape_formula(text: str) -> str:
    """Removes the apostrophe that exports put before a possible formula."""
    return text[1:] if ESCAPED_FORMULA.match(text) else text


def parse_value(name: str, text: str) -> Any:
    """Returns the normalised value of a cell. Raises InvalidContact or InvalidScore."""
    if name == "mobile":
        return normalize_mobile(text)
    if name == "email":
        return normalize_email(text)
    if name in SCORES:
        return parse_score(text)
    return BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()


def parse_score(text: str) -> int | None:
    """Returns a whole number from 0 to 100, or None for an empty cell. Raises InvalidScore."""
    number = normalize_text(text)
    if not number:
        return None
    found = WHOLE_NUMBER.fullmatch(number)
    if found is None or int(found[1]) > 100:
        raise InvalidScore
    return int(found[1])
