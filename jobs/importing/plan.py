"""What an import will do, row by row, before anything is written. Pure: the known are handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from jobs.importing.cells import Person, person_of
from jobs.importing.columns import Layout, layout_of
from jobs.importing.problems import Problem, UnreadableFile
from jobs.importing.tables import MAX_ROWS, Row, rows_of


class Outcome(StrEnum):
    NEW = "new"  # a candidate will be created
    KNOWN = "known"  # is one already; joins the campaign
    REPEATED = "repeated"  # the same person as an earlier row
    BAD = "bad"  # has problems; nothing will be written


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate who is there already, found by mobile or e-mail."""

    id: int
    name: str


@dataclass(slots=True, kw_only=True)
class PlannedRow:
    """One row and its outcome. `known` for KNOWN, `same_as` (a row number) for REPEATED."""

    row: int
    outcome: Outcome
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known: Known | None = None
    same_as: int | None = None
    name_differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file that could be read: its layout and the people in it, good rows and bad."""

    layout: Layout
    rows: list[Row]
    people: list[Person]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    rows: list[PlannedRow]
    counts: Counter[str]

    def of(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == outcome]


def read(content: bytes) -> Sheet:
    """Read a CSV file or workbook. Raises UnreadableFile if it cannot be imported as a whole."""
    return _sheet(list(rows_of(content)))


def sample(content: bytes, *, size: int) -> Sheet:
    """The first few people of a file, without the work of reading it all."""
    return _sheet(list(islice(rows_of(content), size + 1)))


def _sheet(rows: list[Row]) -> Sheet:
    layout = layout_of(rows[0].cells, row=rows[0].number)
    if layout.has_headings:
        rows = rows[1:]
    if not rows:
        raise UnreadableFile("no_rows")
    if len(rows) > MAX_ROWS:
        raise UnreadableFile("too_many_rows", limit=MAX_ROWS)
    return Sheet(layout=layout, rows=rows, people=[person_of(row, layout) for row in rows])


Contact = tuple[str, str]  # ("mobile", "+86…") or ("email", "a@b.example")


def contacts_of(values: Mapping[str, Any]) -> list[Contact]:
    return [(kind, values[kind]) for kind in ("mobile", "email") if values.get(kind)]


def make_plan(people: Sequence[Person], known: Mapping[Contact, Known]) -> Plan:
    """Decide each row in the order of the file: two rows are one person if they share a contact."""
    seen: dict[Contact, Known | PlannedRow] = dict(known)
    rows = [_decide(person, seen) for person in people]
    return Plan(rows=rows, counts=Counter(row.outcome.value for row in rows))


def _decide(person: Person, seen: dict[Contact, Known | PlannedRow]) -> PlannedRow:
    planned = PlannedRow(
        row=person.row, outcome=Outcome.NEW, values=person.values, problems=person.problems
    )
    if person.problems:
        planned.outcome = Outcome.BAD
        return planned
    contacts = contacts_of(person.values)
    identities = {_identity(seen[one]): seen[one] for one in contacts if one in seen}
    if len(identities) > 1:
        planned.outcome = Outcome.BAD
        planned.problems = [Problem(code="two_people", row=person.row)]
        return planned
    one = next(iter(identities.values()), planned)
    _link(planned, one)
    for contact in contacts:
        seen.setdefault(contact, one)
    return planned


def _identity(one: Known | PlannedRow) -> tuple[str, int]:
    return ("candidate", one.id) if isinstance(one, Known) else ("row", one.row)


def _link(planned: PlannedRow, one: Known | PlannedRow) -> None:
    if isinstance(one, Known):
        planned.outcome = Outcome.KNOWN
        planned.known = one
        planned.name_differs = one.name != planned.values["name"]
    elif one is not planned:
        planned.outcome = Outcome.REPEATED
        planned.same_as = one.row
        planned.name_differs = one.values["name"] != planned.values["name"]
