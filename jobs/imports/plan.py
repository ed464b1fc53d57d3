"""What an import will do, row by row, before anything is written. Who is known is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice
from typing import Any

from jobs.imports.cells import ParsedRow, parse_row
from jobs.imports.columns import Layout, detect_layout
from jobs.imports.options import AUTODETECT, ReadOptions
from jobs.imports.problems import InvalidColumns, Problem, UnreadableFile
from jobs.imports.readers.table import MAX_ROWS, open_table
from jobs.imports.rows import Row

ROWS_A_STEP = 2_000  # in memory at once, and between two looks at whether to stop
ROWS_TO_LOOK_AT = 20  # to see how wide a file without headings is


class Outcome(StrEnum):
    NEW = "new"  # a candidate will be created
    KNOWN = "known"  # is one already; joins the campaign
    REPEATED = "repeated"  # the same person as an earlier row
    BAD = "bad"  # has problems; nothing will be written


@dataclass(frozen=True, slots=True)
class ExistingCandidate:
    """A candidate who is there already, found by mobile or e-mail."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A person who stands in an earlier row of the file."""

    row: int
    name: str


@dataclass(slots=True, kw_only=True)
class PlannedRow:
    """One row and its outcome. `known` for KNOWN, `same_as` (a row number) for REPEATED."""

    row: int
    outcome: Outcome
    values: dict[str, Any] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: ExistingCandidate | None = None
    same_as: int | None = None
    name_differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A file that could be opened: how it is read, and its rows, each of them once."""

    layout: Layout
    reading: ReadOptions
    rows: Iterator[Row]

    @property
    def people(self) -> Iterator[ParsedRow]:
        """Raises InvalidColumns if nobody knows what the columns mean, UnreadableFile later on."""
        if self.layout.problems:
            raise InvalidColumns(self.layout.problems)
        return (parse_row(row, self.layout) for row in self.rows)


def read(content: bytes, reading: ReadOptions = AUTODETECT) -> ImportFile:
    """Open a CSV file or workbook. Raises UnreadableFile if it cannot be imported as a whole."""
    table = open_table(content, reading)
    first = list(islice(table.rows, ROWS_TO_LOOK_AT))
    layout = detect_layout(first, reading)
    begin = 1 if layout.has_headings else 0
    if len(first) <= begin:
        raise UnreadableFile("no_rows")
    used = ReadOptions(
        encoding=table.encoding,
        separator=table.separator,
        has_headings=layout.has_headings,
        columns=tuple(column.field for column in layout.columns),
    )
    rows = _no_more_than(MAX_ROWS, chain(first[begin:], table.rows))
    return ImportFile(layout=layout, reading=used, rows=rows)


def number_of_rows(content: bytes, reading: ReadOptions = AUTODETECT) -> int:
    """How many rows a file has. Raises UnreadableFile for one that ends otherwise than it began."""
    return sum(1 for _row in read(content, reading).rows)


def is_long(content: bytes, reading: ReadOptions = AUTODETECT) -> bool:
    """Whether a file has more rows than one step; no more of them are looked at."""
    rows = read(content, reading).rows
    return next(islice(rows, ROWS_A_STEP, None), None) is not None


def _no_more_than(limit: int, rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > limit:
            raise UnreadableFile("too_many_rows", limit=limit)
        yield row


Contact = tuple[str, str]  # ("mobile", "+86…") or ("email", "a@b.example")
FindExisting = Callable[[Collection[Contact]], Mapping[Contact, ExistingCandidate]]


def contacts_of(values: Mapping[str, Any]) -> list[Contact]:
    return [(kind, values[kind]) for kind in ("mobile", "email") if values.get(kind)]


class Planner:
    """Decides rows in the order of the file: two rows are one person if they share a contact.

    Of the rows that went before it keeps contacts and names only, so that a file of any length is
    planned piece by piece.
    """

    def __init__(self, find_existing: FindExisting) -> None:
        self._who_is_known = find_existing
        self._seen: dict[Contact, ExistingCandidate | EarlierRow] = {}

    def decide(self, people: Sequence[ParsedRow]) -> list[PlannedRow]:
        """The next rows of the file."""
        contacts = {
            contact
            for person in people
            if not person.problems
            for contact in contacts_of(person.values)
        }
        # Whoever this very import has entered is found among the rows seen, and not asked for.
        self._seen.update(self._who_is_known(contacts - self._seen.keys()))
        return [self._decide(person) for person in people]

    def _decide(self, person: ParsedRow) -> PlannedRow:
        planned = PlannedRow(
            row=person.row,
            outcome=Outcome.NEW,
            values=person.values,
            cells=person.cells,
            problems=person.problems,
        )
        if person.problems:
            planned.outcome = Outcome.BAD
            return planned
        contacts = contacts_of(person.values)
        found = {self._seen[one] for one in contacts if one in self._seen}
        if len(found) > 1:
            planned.outcome = Outcome.BAD
            planned.problems = [Problem(code="two_people", row=person.row)]
            return planned
        one = next(iter(found), EarlierRow(person.row, person.values["name"]))
        _link(planned, one)
        for contact in contacts:
            self._seen.setdefault(contact, one)
        return planned


def plan_in_steps(sheet: ImportFile, find_existing: FindExisting) -> Iterator[list[PlannedRow]]:
    """The plan of the whole file, a few thousand rows at a time."""
    planner, people = Planner(find_existing), sheet.people
    while step := list(islice(people, ROWS_A_STEP)):
        yield planner.decide(step)


def _link(planned: PlannedRow, one: ExistingCandidate | EarlierRow) -> None:
    planned.name_differs = one.name != planned.values["name"]
    if isinstance(one, ExistingCandidate):
        planned.outcome, planned.known = Outcome.KNOWN, one
    elif one.row != planned.row:
        planned.outcome, planned.same_as = Outcome.REPEATED, one.row
