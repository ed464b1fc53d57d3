"""Collects the result of a check: counts, first problems and duplicates, no personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from jobs.imports.columns import LABELS
from jobs.imports.plan import ImportFile, Outcome, PlannedRow
from jobs.models.imports import ImportRun

MAX_STORED = 200  # problems and duplicates; the counts are complete


class ImportReport:
    """Collects planned rows; `write_to` copies the result into the import record."""

    def __init__(self, file: ImportFile) -> None:
        self._file = file
        self._counts: Counter[Outcome] = Counter()
        self._problem_count = 0
        self._problems: list[dict[str, Any]] = []
        self.existing: set[int] = set()
        self._filling: set[int] = set()
        self._filled_fields: set[str] = set()
        self._hidden_rows = 0
        self._hint_count = 0
        self._hints: list[dict[str, Any]] = []
        self._duplicates: list[dict[str, Any]] = []

    def add(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            self._counts[row.outcome] += 1
            self._hidden_rows += row.is_hidden
            self._problem_count += len(row.problems)
            if len(self._problems) < MAX_STORED:
                self._problems += [problem.as_json() for problem in row.problems]
            self._add_hints(row)
            if row.existing is not None:
                self._add_existing(row.existing.id, row.fills)
            is_duplicate = row.outcome in (Outcome.KNOWN, Outcome.REPEATED)
            if is_duplicate and len(self._duplicates) < MAX_STORED:
                self._duplicates.append(_duplicate(row))

    def _add_hints(self, row: PlannedRow) -> None:
        """Adds the hints of a row that is imported; those of a bad one would only distract."""
        if row.outcome in (Outcome.NEW, Outcome.KNOWN):
            self._hint_count += len(row.hints)
            if len(self._hints) < MAX_STORED:
                self._hints += [hint.as_json() for hint in row.hints]

    def _add_existing(self, candidate: int, fills: Iterable[str]) -> None:
        self.existing.add(candidate)
        if fills:
            self._filling.add(candidate)
            self._filled_fields.update(fills)

    def write_to(self, run: ImportRun) -> None:
        """Sets the fields of the run; the caller saves it."""
        for outcome in Outcome:
            setattr(run, outcome.value, self._counts[outcome])
        layout = self._file.layout
        run.reading = self._file.reading.as_json()
        run.findings = {
            "problems": self._problems[:MAX_STORED],
            "problem_count": self._problem_count,
            "filling": len(self._filling),
            "filled_fields": [name for name in LABELS if name in self._filled_fields],
            "hidden_rows": self._hidden_rows,
            "sheet": self._file.sheet,
            "sheets": [asdict(sheet) for sheet in self._file.sheets],
            "hints": self._hints,
            "hint_count": self._hint_count,
            "duplicates": self._duplicates,
            "columns": [column.heading for column in layout.columns],
            "column_problems": [problem.as_json() for problem in layout.problems],
            "ignored": list(layout.ignored),
        }


def _duplicate(row: PlannedRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "same_as": row.same_as,
        "candidate": row.existing.id if row.existing else None,
        "name_differs": row.name_differs,
        "fills": list(row.fills),
    }
