"""What is remembered of a check: counts, the first problems and duplicates, and no person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from jobs.imports.models import ImportRun
from jobs.imports.plan import ImportFile, Outcome, PlannedRow

KEPT = 200  # a person reads no more; the counts are complete


class ImportReport:
    """Grows with the rows that are shown to it; `note` writes it into the record of the import."""

    def __init__(self, sheet: ImportFile) -> None:
        self._sheet = sheet
        self._counts: Counter[Outcome] = Counter()
        self._problem_count = 0
        self._problems: list[dict[str, Any]] = []
        self._duplicates: list[dict[str, Any]] = []

    def add(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            self._counts[row.outcome] += 1
            self._problem_count += len(row.problems)
            if len(self._problems) < KEPT:
                self._problems += [problem.as_json() for problem in row.problems]
            if row.outcome in (Outcome.KNOWN, Outcome.REPEATED) and len(self._duplicates) < KEPT:
                self._duplicates.append(_duplicate(row))

    def note(self, run: ImportRun) -> None:
        """Into the run's fields; saving it is the caller's."""
        for outcome in Outcome:
            setattr(run, outcome.value, self._counts[outcome])
        layout = self._sheet.layout
        run.reading = self._sheet.reading.as_json()
        run.findings = {
            "problems": self._problems[:KEPT],
            "problem_count": self._problem_count,
            "duplicates": self._duplicates,
            "columns": [column.heading for column in layout.columns],
            "column_problems": [problem.as_json() for problem in layout.problems],
            "ignored": list(layout.ignored),
        }


def _duplicate(row: PlannedRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "same_as": row.same_as,
        "candidate": row.known.id if row.known else None,
        "name_differs": row.name_differs,
    }
