"""Parses the cells of a row into a candidate's values, and collects the problems."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from jobs.candidates.contacts import (
    InvalidContact,
    normalize_email,
    normalize_mobile,
    normalize_text,
    normalize_unicode,
)
from jobs.candidates.email_hints import likely_slip
from jobs.candidates.names import has_address, normalize_name
from jobs.exports.cells import ERROR_VALUES
from jobs.imports.columns import Layout
from jobs.imports.problems import Problem
from jobs.imports.readers.encoding import is_undecoded, printable
from jobs.imports.rows import Row, UncomputedFormula

MAX_LENGTHS = {"name": 120, "city": 60, "school": 120, "major": 120, "degree": 40, "email": 254}
SCORES = ("general_score", "written_score")
NUMBER = re.compile(r"\d{1,3}(?:\.\d+)?")
# A score that a spreadsheet computed may differ from a whole number by the last binary digits.
ROUNDING_ERROR = 1e-9
# Signs and words that people enter for "nothing". A word may be a name: somebody is called Null.
SIGNS_FOR_NOTHING = frozenset("- -- --- — —— – / // . 无 空".split())  # noqa: SIM905  readable
WORDS_FOR_NOTHING = frozenset(
    "没有 暂无 未填 未填写 n/a n.a. na null nil none nan".split()  # noqa: SIM905
)


class InvalidScore(ValueError):
    """The text is not a whole number from 0 to 100."""

    code = "score"


@dataclass(slots=True, kw_only=True)
class ParsedRow:
    """A parsed row. `values` are normalised and ready to store if there are no problems.

    `hints` do not keep the row from being imported.
    """

    row: int
    is_hidden: bool = False
    cells: list[str] = field(default_factory=list)  # unchanged, as in the file
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    hints: list[Problem] = field(default_factory=list)


def parse_row(row: Row, layout: Layout) -> ParsedRow:
    """Parses one row and collects all of its problems, not only the first."""
    cells = row.cells
    parsed = ParsedRow(row=row.number, is_hidden=row.is_hidden, cells=cells)
    if any(map(is_undecoded, cells)):
        parsed.cells = [printable(cell) for cell in cells]
        parsed.problems.append(Problem(code="foreign_bytes", row=row.number))
        return parsed
    if any(cell.strip() for cell in cells[layout.width :]):
        params = {"cells": len(cells), "width": layout.width}
        parsed.problems.append(Problem(code="cells", row=row.number, params=params))
        return parsed
    for name, index in layout.fields.items():
        cell = cells[index] if index < len(cells) else ""  # Excel omits empty ones at the end
        if problem := _cell_problem(cell):
            parsed.problems.append(replace(problem, row=row.number, column=layout.headings[name]))
            continue
        _parse_cell(parsed, name, plain_text(name, cell), heading=layout.headings[name])
    if not parsed.problems and not (parsed.values.get("mobile") or parsed.values.get("email")):
        column = layout.headings.get("mobile") or layout.headings.get("email", "")
        parsed.problems.append(Problem(code="no_contact", row=row.number, column=column))
    return parsed


def is_valid(row: Row, layout: Layout) -> bool:
    """True if the row can be imported."""
    return not parse_row(row, layout).problems


def _cell_problem(cell: str) -> Problem | None:
    """The problem of a cell whose value the spreadsheet does not have."""
    if isinstance(cell, UncomputedFormula):
        return Problem(code="formula")
    if cell.strip() in ERROR_VALUES:
        return Problem(code="cell_error", params={"error": cell.strip()})
    return None


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
    elif name == "name" and has_address(value):
        parsed.problems.append(Problem(code="name_address", row=parsed.row, column=heading))
    parsed.values[name] = value
    if name == "email" and (slip := likely_slip(value)):
        hint = Problem(code="email_slip", row=parsed.row, column=heading, params=asdict(slip))
        parsed.hints.append(hint)


def plain_text(name: str, cell: str) -> str:
    """Returns the text of a cell; "" if it says that there is nothing."""
    text = cell.strip()
    return "" if means_nothing(name, text) else text


def means_nothing(name: str, text: str) -> bool:
    """True for the signs and words that people enter in this field for "nothing"."""
    plain = normalize_unicode("NFKC", text).strip().casefold()
    return plain in SIGNS_FOR_NOTHING or (name != "name" and plain in WORDS_FOR_NOTHING)


def parse_value(name: str, text: str) -> Any:
    """Returns the normalised value of a cell. Raises InvalidContact or InvalidScore."""
    if name == "mobile":
        return normalize_mobile(text)
    if name == "email":
        return normalize_email(text)
    if name in SCORES:
        return parse_score(text)
    return normalize_name(text)


def parse_score(text: str) -> int | None:
    """Returns a whole number from 0 to 100, or None for an empty cell. Raises InvalidScore."""
    number = normalize_text(text)
    if not number:
        return None
    if not NUMBER.fullmatch(number):
        raise InvalidScore
    score = round(float(number))
    if score > 100 or abs(float(number) - score) > ROUNDING_ERROR:
        raise InvalidScore
    return score
