"""The rows an import could not take, as a file to be mended and imported again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO

from django.utils.translation import gettext as _

from jobs.exports.writers import CsvWriter
from jobs.imports.columns import Layout
from jobs.imports.models import ImportRun
from jobs.imports.plan import Outcome, PlannedRow
from jobs.imports.refusals import ImportRefused


class RejectedRows:
    """A CSV file of the bad rows: first what is wrong, then the cells as they came.

    The first two columns have headings that an import does not know, so it leaves them out.
    """

    def __init__(self, layout: Layout, file: IO[bytes]) -> None:
        self._file = file
        self._layout = layout
        self._writer: CsvWriter | None = None

    def add(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            if row.outcome == Outcome.BAD:
                self._begin().add([*self._why(row), *row.cells])

    def _begin(self) -> CsvWriter:
        if self._writer is None:
            self._writer = CsvWriter(self._file)
            headings = [column.heading for column in self._layout.columns]
            self._writer.add([_("Row in the file"), _("What is wrong"), *headings])
        return self._writer

    def _why(self, row: PlannedRow) -> Iterator[object]:
        yield row.row
        yield "; ".join(
            f"{problem.column}: {problem.reason}" if problem.column else problem.reason
            for problem in row.problems
        )


def rejected_rows(run: ImportRun) -> IO[bytes]:
    """The bad rows that a check found, or those an import left out.

    Raises ImportRefused if there are none, or they are kept no longer.
    """
    if not run.rejected:
        raise ImportRefused("expired")
    try:
        stored: IO[bytes] = run.rejected.open("rb")
    except FileNotFoundError:
        raise ImportRefused("vanished") from None
    return stored


def rejected_name(run: ImportRun) -> str:
    """people.xlsx → people-rejected.csv"""
    return _("%(file)s-rejected.csv") % {"file": PurePath(run.file_name).stem}
