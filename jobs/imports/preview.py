"""The context of the page of one import: preview, problems and duplicates.

Personal data comes from the uploaded file; the import record holds none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice, zip_longest
from typing import Any

from django.utils.translation import gettext as _

from jobs.imports import plan, uploads
from jobs.imports.cells import ParsedRow, parse_row
from jobs.imports.columns import LABELS, Layout
from jobs.imports.learned_columns import is_learned, learned_columns
from jobs.imports.options import ENCODINGS, IGNORED, SEPARATOR_LABELS, ReadOptions
from jobs.imports.readers.encoding import printable
from jobs.imports.readers.table import open_table
from jobs.imports.refusals import ImportRefused
from jobs.imports.writer import revert_forecast
from jobs.models import Candidate
from jobs.models.imports import ImportRun
from realtime.background.task_rows import task_key

SAMPLE_ROWS = 8
CELLS_COMPARED = 4
DUPLICATES_SHOWN = 20
PROBLEMS_SHOWN = 100
COLUMN_PROBLEMS = ("column_twice", "unknown_field")


def page_of(run: ImportRun, user: Any) -> dict[str, Any]:
    """Returns the template context for a run; `preview_of` adds the preview."""
    problems = run.problems[:PROBLEMS_SHOWN]
    hints = run.hints[:PROBLEMS_SHOWN]
    found = run.duplicates[:DUPLICATES_SHOWN]
    return {
        "run": run,
        "valid": run.total - run.bad,
        "filled_labels": [LABELS[name] for name in run.filled_fields],
        "problems": problems,
        "problems_left": run.findings.get("problem_count", 0) - len(problems),
        "hints": hints,
        "hints_left": run.hint_count - len(hints),
        "duplicates": _duplicates(run, found, user),
        "duplicates_left": run.known + run.repeated - len(found),
        "forecast": revert_forecast(run) if run.state == ImportRun.State.APPLIED else None,
        "config": _config(run),
    }


def preview_of(run: ImportRun, changes: ReadOptions | None = None) -> dict[str, Any]:
    """Returns the first rows as they are read, with the requested options if given.

    Raises ImportRefused if the file is gone, UnreadableFile if it cannot be read with the options.
    """
    reading = run.read_options
    if changes:
        reading = reading.merged_with(changes)
    learned = learned_columns(run.campaign)
    file = plan.open_file(uploads.content_of(run), reading, learned)
    rows = [row for row, _number in zip(file.rows, range(SAMPLE_ROWS), strict=False)]
    parsed_rows = [parse_row(row, file.layout) for row in rows]
    return {
        "columns": _columns(file.layout),
        "problems": [one for one in file.layout.problems if one.code not in COLUMN_PROBLEMS],
        "rows": [_row(parsed, file.layout) for parsed in parsed_rows],
        "more": max(run.total - SAMPLE_ROWS, 0),
        "fields": LABELS.items(),
        "how": {
            "has_encoding": bool(file.reading.encoding),  # a workbook has none
            "has_separator": bool(file.reading.separator),
            "has_headings": file.reading.has_headings,
            "sheet": file.sheet,
            "chosen": file.reading,
        },
        "sheets": file.sheets,
        "learned": [one.heading for one in file.layout.columns if is_learned(one, learned)],
        "encodings": ENCODINGS.items(),
        "separators": SEPARATOR_LABELS.items(),
    }


def compare_encodings(run: ImportRun, changes: ReadOptions) -> dict[str, Any] | None:
    """Returns the first rows that another encoding changes, before and after.

    None if no other encoding is chosen, or if it changes nothing. Raises ImportRefused if the file
    is gone, UnreadableFile if it cannot be read in that encoding.
    """
    current = run.read_options
    if not (changes.encoding and current.encoding):
        return None
    content = uploads.content_of(run)
    both = (current, replace(current, encoding=changes.encoding))
    rows = zip(*(open_table(content, reading).rows for reading in both), strict=False)
    changed = [
        {"row": after.number, "cells": _changed_cells(before.cells, after.cells)}
        for before, after in islice(rows, plan.ROWS_A_STEP)
        if before.cells != after.cells
    ][:SAMPLE_ROWS]
    labels = {"before": ENCODINGS[current.encoding], "after": ENCODINGS[changes.encoding]}
    return {"changed": changed, **labels} if changed else None


def _changed_cells(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    pairs = zip_longest(before, after, fillvalue="")
    return [(printable(old), printable(new)) for old, new in pairs if old != new][:CELLS_COMPARED]


def _columns(layout: Layout) -> list[dict[str, Any]]:
    """Returns the columns with the problems of their fields. A repeated field is the problem."""
    taken: set[str] = set()
    shown = []
    for column in layout.columns:
        at_fault = column.field in taken or column.field not in (*LABELS, IGNORED)
        wrong = [
            problem.reason
            for problem in layout.problems
            if at_fault and problem.code in COLUMN_PROBLEMS and problem.column == column.heading
        ]
        if column.field:
            taken.add(column.field)
        shown.append({"heading": column.heading, "field": column.field, "wrong": wrong})
    return shown


def _row(parsed: ParsedRow, layout: Layout) -> dict[str, Any]:
    cells = [_cell(parsed, layout, place) for place in range(layout.width)]
    return {"row": parsed.row, "cells": cells, "is_bad": bool(parsed.problems)}


def _cell(parsed: ParsedRow, layout: Layout, place: int) -> dict[str, Any]:
    """Returns the parsed value, or the text of the cell if it was not parsed."""
    column = layout.columns[place]
    is_read = layout.fields.get(column.field) == place
    text = parsed.cells[place] if place < len(parsed.cells) else ""
    if is_read and column.field in parsed.values:
        text = parsed.values[column.field]
    is_bad = is_read and any(problem.column == column.heading for problem in parsed.problems)
    return {"text": text, "is_bad": is_bad, "is_left_out": not is_read}


def _duplicates(run: ImportRun, found: list[dict[str, Any]], user: Any) -> list[dict[str, Any]]:
    """Adds both sides of each duplicate. Hides candidates that this person may not see."""
    ids = [one["candidate"] for one in found if one["candidate"] is not None]
    visible = Candidate.objects.visible_to(user).in_bulk(ids)
    in_file = _rows_in_file(run, found) if run.can_be_applied else {}
    return [
        {
            **one,
            "person": visible.get(one["candidate"]),
            "fills": [LABELS[name] for name in one.get("fills", ())],
            "sides": _sides(
                in_file.get(one["row"]),
                visible.get(one["candidate"]) or in_file.get(one["same_as"]),
            ),
        }
        for one in found
    ]


def _rows_in_file(run: ImportRun, found: Iterable[dict[str, Any]]) -> dict[int, ParsedRow]:
    """Returns the parsed duplicate rows among the first ROWS_A_STEP rows of the file.

    A page request reads no further.
    """
    wanted = {one["row"] for one in found} | {one["same_as"] for one in found if one["same_as"]}
    parsed_rows: dict[int, ParsedRow] = {}
    if not wanted:
        return parsed_rows
    try:
        file = plan.open_file(uploads.content_of(run), run.read_options)
    except ImportRefused:
        return parsed_rows
    for row in islice(file.rows, plan.ROWS_A_STEP):
        if row.number in wanted:
            parsed_rows[row.number] = parse_row(row, file.layout)
            if len(parsed_rows) == len(wanted):
                break
    return parsed_rows


def _sides(new: ParsedRow | None, known: Candidate | ParsedRow | None) -> list[dict[str, Any]]:
    """Compares the file's values with the existing ones; empty if either side is not shown."""
    if new is None or known is None:
        return []
    existing = known.values if isinstance(known, ParsedRow) else vars(known)
    sides = []
    for field, label in LABELS.items():
        in_file, stored = new.values.get(field), existing.get(field)
        if in_file not in (None, "") or stored not in (None, ""):
            differs = in_file not in (None, "") and in_file != stored
            sides.append({"label": label, "new": in_file, "known": stored, "differs": differs})
    return sides


def _config(run: ImportRun) -> dict[str, Any] | None:
    """Returns the configuration of the script that follows the task, or None if nothing runs."""
    if run.state not in (ImportRun.State.CHECKING, ImportRun.State.QUEUED) or run.task is None:
        return None
    return {"key": task_key(run.task), "waiting": _("Waiting for a worker")}
