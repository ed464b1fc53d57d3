"""Plans an import row by row: new candidate, existing, repeated in the file, or with problems.

Pure: existing candidates come from the `find_existing` function that callers pass in.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, islice
from typing import Any

from jobs.imports.cells import ParsedRow, is_valid, parse_row
from jobs.imports.columns import NOTHING, Layout, LearnedColumns, detect_layout
from jobs.imports.limits import MAX_ROWS
from jobs.imports.options import AUTODETECT, ReadOptions
from jobs.imports.problems import InvalidColumns, Problem, UnreadableFile
from jobs.imports.readers.table import Table, open_table
from jobs.imports.rows import Row, Sheet

ROWS_A_STEP = 2_000  # rows in memory at once; a task checks for cancellation after each step
SHEETS_TO_LOOK_AT = 10
ROWS_TO_LOOK_AT = 20  # to determine the width of a file without headings


class Outcome(StrEnum):
    NEW = "new"  # a candidate will be created
    KNOWN = "known"  # the candidate exists; they join the campaign
    REPEATED = "repeated"  # the same person as an earlier row
    BAD = "bad"  # has problems; nothing will be written


@dataclass(frozen=True, slots=True)
class ExistingCandidate:
    """A candidate in the database with the same mobile or e-mail."""

    id: int
    name: str
    may_change: bool = True  # whether the import may change the candidate, not only add them
    empty_fields: frozenset[str] = frozenset()  # which the import may fill

    def is_named(self, name: str) -> bool:
        return self.name == name


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A candidate with this contact whom the import may not touch, nor tell of.

    The row is planned as a new candidate, whose record is kept apart.
    """


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """An earlier row of the file with the same mobile or e-mail.

    name_hash: of the name, in place of it: there may be tens of thousands of rows.
    """

    row: int
    name_hash: int

    def is_named(self, name: str) -> bool:
        return self.name_hash == hash(name)


@dataclass(slots=True, kw_only=True)
class PlannedRow:
    """A row and its outcome. `existing` is set for KNOWN, `same_as` (row number) for REPEATED."""

    row: int
    outcome: Outcome
    is_hidden: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hints: list[Problem] = field(default_factory=list)
    existing: ExistingCandidate | None = None
    fills: dict[str, Any] = field(default_factory=dict)  # empty fields of the existing candidate
    is_kept_apart: bool = False  # a NEW candidate with a contact that is known elsewhere
    same_as: int | None = None
    name_differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """An opened file: how it is read, and an iterator over its data rows."""

    layout: Layout
    reading: ReadOptions
    rows: Iterator[Row]
    seems_to_hold_candidates: bool  # by its headings, or by its first rows if it has none
    sheet: str = ""  # of a workbook: the one that is read
    sheets: tuple[Sheet, ...] = ()

    @property
    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Raises InvalidColumns if the columns are unclear; iterating may raise UnreadableFile."""
        if self.layout.problems:
            raise InvalidColumns(self.layout.problems)
        return (parse_row(row, self.layout) for row in self.rows)


def open_file(
    content: bytes, reading: ReadOptions = AUTODETECT, learned: LearnedColumns = NOTHING
) -> ImportFile:
    """Opens a CSV file or workbook. Raises UnreadableFile.

    Unless a sheet is chosen, the first visible one in which candidates are found is read, because
    many workbooks begin with a cover or with instructions.
    """
    table = open_table(content, reading)
    others = [
        sheet.name for sheet in table.sheets if not sheet.is_hidden and sheet.name != table.sheet
    ]
    if reading.sheet or not others:
        return _open_sheet(table, reading, learned)
    for name in [table.sheet, *others[:SHEETS_TO_LOOK_AT]]:
        chosen = replace(reading, sheet=name)
        with suppress(UnreadableFile):
            file = _open_sheet(open_table(content, chosen), chosen, learned)
            if file.seems_to_hold_candidates:
                return file
    return _open_sheet(table, reading, learned)


def _open_sheet(table: Table, reading: ReadOptions, learned: LearnedColumns) -> ImportFile:
    first = list(islice(table.rows, ROWS_TO_LOOK_AT))
    layout = detect_layout(first, reading, learned)
    start = layout.title_rows + layout.has_headings
    if len(first) <= start:
        raise UnreadableFile("no_rows")
    used = ReadOptions(
        encoding=table.encoding,
        separator=table.separator,
        has_headings=layout.has_headings,
        columns=tuple(column.field for column in layout.columns),
        sheet=table.sheet if len(table.sheets) > 1 else "",
    )
    rows = _no_more_than(MAX_ROWS, chain(first[start:], table.rows))
    return ImportFile(
        layout=layout,
        reading=used,
        rows=rows,
        seems_to_hold_candidates=not layout.problems
        and (layout.has_headings or any(is_valid(row, layout) for row in first)),
        sheet=table.sheet,
        sheets=table.sheets,
    )


def number_of_rows(content: bytes, reading: ReadOptions = AUTODETECT) -> int:
    """Counts the data rows. Raises UnreadableFile, also for damage further down the file."""
    return sum(1 for _row in open_file(content, reading).rows)


def is_long(content: bytes, reading: ReadOptions = AUTODETECT) -> bool:
    """True if a file has more than ROWS_A_STEP rows. Reads no further than that."""
    rows = open_file(content, reading).rows
    return next(islice(rows, ROWS_A_STEP, None), None) is not None


def _no_more_than(limit: int, rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > limit:
            raise UnreadableFile("too_many_rows", limit=limit)
        yield row


Contact = tuple[str, str]  # ("mobile", "+86…") or ("email", "a@b.example")
FindExisting = Callable[[Collection[Contact]], Mapping[Contact, ExistingCandidate | Elsewhere]]


def contacts_of(values: Mapping[str, Any]) -> list[Contact]:
    return [(kind, values[kind]) for kind in ("mobile", "email") if values.get(kind)]


class EarlierPeople:
    """The people of the rows planned so far, by contact. New people take little memory."""

    def __init__(self) -> None:
        self._existing: dict[Contact, ExistingCandidate] = {}
        # Addresses and numbers differ in their form, so that their kind need not be kept.
        self._places: dict[str, int] = {}  # in both arrays, by mobile or e-mail
        self._rows, self._name_hashes = array("q"), array("q")

    def __contains__(self, contact: Contact) -> bool:
        return contact in self._existing or contact[1] in self._places

    def with_contacts(self, contacts: Collection[Contact]) -> set[ExistingCandidate | EarlierRow]:
        """Returns the different people who have one of these contacts."""
        places = {self._places[one[1]] for one in contacts if one[1] in self._places}
        rows = {EarlierRow(self._rows[at], self._name_hashes[at]) for at in places}
        return rows | {self._existing[one] for one in contacts if one in self._existing}

    def add(self, one: ExistingCandidate | EarlierRow, contacts: Collection[Contact]) -> None:
        """Adds a person by those of the contacts that nobody had."""
        new = [contact for contact in contacts if contact not in self]
        if isinstance(one, ExistingCandidate):
            self._existing.update(dict.fromkeys(new, one))
        elif new:
            self._places.update(dict.fromkeys((value for _kind, value in new), len(self._rows)))
            self._rows.append(one.row)
            self._name_hashes.append(one.name_hash)


class Planner:
    """Plans rows in file order. Two rows with a common mobile or e-mail are the same person.

    Keeps little of earlier rows, so a file of any length can be planned in steps.
    """

    def __init__(self, find_existing: FindExisting) -> None:
        self._who_is_known = find_existing
        self._seen = EarlierPeople()
        self._elsewhere: set[Contact] = set()
        self._filled: dict[int, set[str]] = {}  # by earlier rows, by candidate

    def plan(self, people: Sequence[ParsedRow]) -> list[PlannedRow]:
        """Plans the next rows of the file."""
        contacts = {
            contact
            for person in people
            if not person.problems
            for contact in contacts_of(person.values)
        }
        # Contacts of earlier rows are not queried: this import may have created those candidates.
        new = {contact for contact in contacts if contact not in self._seen}
        for contact, known in self._who_is_known(new).items():
            if isinstance(known, Elsewhere):
                self._elsewhere.add(contact)
            else:
                self._seen.add(known, [contact])
        return [self._plan_row(person) for person in people]

    def _plan_row(self, person: ParsedRow) -> PlannedRow:
        planned = PlannedRow(
            row=person.row,
            outcome=Outcome.NEW,
            is_hidden=person.is_hidden,
            values=person.values,
            cells=person.cells,
            problems=person.problems,
            hints=person.hints,
        )
        if person.problems:
            planned.outcome = Outcome.BAD
            return planned
        contacts = contacts_of(person.values)
        found = self._seen.with_contacts(contacts)
        if len(found) > 1:
            planned.outcome = Outcome.BAD
            planned.problems = [Problem(code="two_people", row=person.row)]
            return planned
        one = next(iter(found), EarlierRow(person.row, hash(person.values["name"])))
        _set_match(planned, one)
        planned.fills = self._fills(planned)
        is_new = planned.outcome == Outcome.NEW
        planned.is_kept_apart = is_new and not self._elsewhere.isdisjoint(contacts)
        self._seen.add(one, contacts)
        return planned

    def _fills(self, planned: PlannedRow) -> dict[str, Any]:
        """Returns the values for empty fields of an existing candidate, if they may be changed.

        The first row of the file with a value wins. A contact that is known elsewhere is left out.
        """
        existing = planned.existing
        if existing is None or not existing.may_change:
            return {}
        filled = self._filled.setdefault(existing.id, set())
        fills = {
            name: value
            for name, value in planned.values.items()
            if name in existing.empty_fields - filled
            and value not in ("", None)
            and (name, value) not in self._elsewhere
        }
        filled.update(fills)
        return fills


def plan_in_steps(file: ImportFile, find_existing: FindExisting) -> Iterator[list[PlannedRow]]:
    """Yields the plan of the file in lists of up to ROWS_A_STEP rows."""
    planner, rows = Planner(find_existing), file.parsed_rows
    while step := list(islice(rows, ROWS_A_STEP)):
        yield planner.plan(step)


def _set_match(planned: PlannedRow, one: ExistingCandidate | EarlierRow) -> None:
    planned.name_differs = not one.is_named(planned.values["name"])
    if isinstance(one, ExistingCandidate):
        planned.outcome, planned.existing = Outcome.KNOWN, one
    elif one.row != planned.row:
        planned.outcome, planned.same_as = Outcome.REPEATED, one.row
