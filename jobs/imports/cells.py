"""One row's cells to the values of a candidate, and what is wrong with them."""

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
# Our exports put an apostrophe before what a spreadsheet would take for a formula.
ESCAPED_FORMULA = re.compile(r"'(?='*[=+\-@\t\r])")


@dataclass(slots=True, kw_only=True)
class ParsedRow:
    """What one row says. `values` are ready to store if there are no problems."""

    row: int
    cells: list[str] = field(default_factory=list)  # as they stand in the file
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse_row(row: Row, layout: Layout) -> ParsedRow:
    """Read one row; every problem in it is named, not only the first."""
    cells = row.cells
    person = ParsedRow(row=row.number, cells=cells)
    if len(cells) < layout.width or any(cell.strip() for cell in cells[layout.width :]):
        params = {"cells": len(cells), "width": layout.width}
        person.problems.append(Problem(code="cells", row=row.number, params=params))
        return person
    for name, place in layout.fields.items():
        text = unescape_formula(cells[place].strip())
        _read(person, name, text, heading=layout.headings[name])
    if not person.problems and not (person.values.get("mobile") or person.values.get("email")):
        column = layout.headings.get("mobile") or layout.headings.get("email", "")
        person.problems.append(Problem(code="no_contact", row=row.number, column=column))
    return person


def _read(person: ParsedRow, name: str, text: str, *, heading: str) -> None:
    try:
        value = parse_value(name, text)
    except InvalidContact as error:
        person.problems.append(Problem(code=error.code, row=person.row, column=heading))
        return
    if name == "name" and not value:
        person.problems.append(Problem(code="required", row=person.row, column=heading))
    limit = MAX_LENGTHS.get(name)
    if limit is not None and len(value) > limit:
        params = {"limit": limit}
        person.problems.append(
            Problem(code="too_long", row=person.row, column=heading, params=params)
        )
    person.values[name] = value


def unescape_formula(text: str) -> str:
    """Without the apostrophe that an export puts before what could be a formula."""
    return text[1:] if ESCAPED_FORMULA.match(text) else text


def parse_value(name: str, text: str) -> Any:
    """The stored form of a cell. Raises InvalidContact with the code of the problem."""
    if name == "mobile":
        return normalize_mobile(text)
    if name == "email":
        return normalize_email(text)
    if name in SCORES:
        return parse_score(text)
    return BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()


def parse_score(text: str) -> int | None:
    """A whole number from 0 to 100, or None for an empty cell. Raises InvalidContact("score")."""
    number = normalize_text(text)
    if not number:
        return None
    found = WHOLE_NUMBER.fullmatch(number)
    if found is None or int(found[1]) > 100:
        raise InvalidContact("score")
    return int(found[1])
