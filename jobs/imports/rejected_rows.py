"""The rows with problems as a CSV file, to correct and import again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO

from django.utils.translation import gettext as _

from jobs.exports.writers import CsvWriter
from jobs.imports.columns import Layout
from jobs.imports.plan import Outcome, PlannedRow
from jobs.imports.refusals import ImportRefused
from jobs.models.imports import ImportRun


class RejectedRows:
    """Writes bad rows to a CSV file: row number, problems, then the original cells.

    An import ignores the first two columns, because it does not know their headings.
    """

    def __init__(self, layout: Layout, file: IO[bytes]) -> None:
        self._file = file
        self._layout = layout
        self._writer: CsvWriter | None = None

    def add(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            if row.outcome == Outcome.BAD:
                self._started_writer().add([*self._problem_cells(row), *row.cells])

    def _started_writer(self) -> CsvWriter:
        if self._writer is None:
            self._writer = CsvWriter(self._file)
            headings = [column.heading for column in self._layout.columns]
            self._writer.add([_("Row in the file"), _("What is wrong"), *headings])
        return self._writer

    def _problem_cells(self, row: PlannedRow) -> Iterator[object]:
        yield row.row
        yield "; ".join(
            f"{problem.column}: {problem.reason}" if problem.column else problem.reason
            for problem in row.problems
        )


def rejected_rows(run: ImportRun) -> IO[bytes]:
    """Opens the file of bad rows. Raises ImportRefused if there is none, or it has expired."""
    if not run.rejected:
        raise ImportRefused("expired")
    try:
        stored: IO[bytes] = run.rejected.open("rb")
    except FileNotFoundError:
        raise ImportRefused("vanished") from None
    return stored


def rejected_name(run: ImportRun) -> str:
    """Returns the download name: people.xlsx → people-rejected.csv."""
    return _("%(file)s-rejected.csv") % {"file": PurePath(run.file_name).stem}
