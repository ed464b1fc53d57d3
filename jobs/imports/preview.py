"""What the page of one import shows. People are read from the kept file, never from the record."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from jobs.imports import plan as planning
from jobs.imports import uploads
from jobs.imports.cells import ParsedRow, parse_row
from jobs.imports.columns import LABELS, Layout
from jobs.imports.models import ImportRun
from jobs.imports.options import ENCODINGS, IGNORED, SEPARATOR_LABELS, ReadOptions
from jobs.imports.refusals import ImportRefused
from jobs.imports.writer import outlook
from jobs.models import Candidate
from realtime.background.task_rows import task_key

SAMPLE_ROWS = 8
DUPLICATES_SHOWN = 20
PROBLEMS_SHOWN = 100
AT_A_COLUMN = ("column_twice", "unknown_field")


def page_of(run: ImportRun, user: Any) -> dict[str, Any]:
    """Everything the template asks for."""
    problems = run.problems[:PROBLEMS_SHOWN]
    found = run.duplicates[:DUPLICATES_SHOWN]
    return {
        "run": run,
        "valid": run.total - run.bad,
        "problems": problems,
        "problems_left": run.findings["problem_count"] - len(problems),
        "duplicates": _duplicates(run, found, user),
        "duplicates_left": run.known + run.repeated - len(found),
        "outlook": outlook(run) if run.state == ImportRun.State.APPLIED else None,
        "config": _config(run),
    }


def preview_of(run: ImportRun, asked: ReadOptions | None = None) -> dict[str, Any]:
    """The first rows as they are understood, or would be with what was asked for.

    Raises ImportRefused if the file is gone, UnreadableFile if it cannot be read that way.
    """
    reading = run.read_options
    sheet = planning.read(uploads.content_of(run), reading.merged_with(asked) if asked else reading)
    rows = [row for row, _number in zip(sheet.rows, range(SAMPLE_ROWS), strict=False)]
    people = [parse_row(row, sheet.layout) for row in rows]
    return {
        "columns": _columns(sheet.layout),
        "problems": [one for one in sheet.layout.problems if one.code not in AT_A_COLUMN],
        "rows": [_row(person, sheet.layout) for person in people],
        "more": max(run.total - SAMPLE_ROWS, 0),
        "fields": LABELS.items(),
        "how": {
            "is_text": bool(sheet.reading.encoding),  # a workbook has none, and no separator
            "has_headings": sheet.reading.has_headings,
            "chosen": sheet.reading,
        },
        "encodings": ENCODINGS.items(),
        "separators": SEPARATOR_LABELS.items(),
    }


def _columns(layout: Layout) -> list[dict[str, Any]]:
    """Each column with what is wrong with its choice; of two alike, the second is."""
    taken: set[str] = set()
    shown = []
    for column in layout.columns:
        at_fault = column.field in taken or column.field not in (*LABELS, IGNORED)
        wrong = [
            problem.reason
            for problem in layout.problems
            if at_fault and problem.code in AT_A_COLUMN and problem.column == column.heading
        ]
        if column.field:
            taken.add(column.field)
        shown.append({"heading": column.heading, "field": column.field, "wrong": wrong})
    return shown


def _row(person: ParsedRow, layout: Layout) -> dict[str, Any]:
    cells = [_cell(person, layout, place) for place in range(layout.width)]
    return {"row": person.row, "cells": cells, "is_bad": bool(person.problems)}


def _cell(person: ParsedRow, layout: Layout, place: int) -> dict[str, Any]:
    """What was understood, or the text itself where nothing was."""
    column = layout.columns[place]
    is_read = layout.fields.get(column.field) == place
    text = person.cells[place] if place < len(person.cells) else ""
    if is_read and column.field in person.values:
        text = person.values[column.field]
    is_bad = is_read and any(problem.column == column.heading for problem in person.problems)
    return {"text": text, "is_bad": is_bad, "is_left_out": not is_read}


def _duplicates(run: ImportRun, found: list[dict[str, Any]], user: Any) -> list[dict[str, Any]]:
    """Both sides of each; of candidates only those whom this person may see anyway."""
    ids = [one["candidate"] for one in found if one["candidate"] is not None]
    visible = Candidate.objects.visible_to(user).in_bulk(ids)
    in_file = _people_in_file(run, found) if run.can_be_applied else {}
    return [
        {
            **one,
            "person": visible.get(one["candidate"]),
            "sides": _sides(
                in_file.get(one["row"]),
                visible.get(one["candidate"]) or in_file.get(one["same_as"]),
            ),
        }
        for one in found
    ]


def _people_in_file(run: ImportRun, found: Iterable[dict[str, Any]]) -> dict[int, ParsedRow]:
    """Those rows of the file, if they are among the first: a page reads no more than one step."""
    wanted = {one["row"] for one in found} | {one["same_as"] for one in found if one["same_as"]}
    people: dict[int, ParsedRow] = {}
    if not wanted:
        return people
    try:
        sheet = planning.read(uploads.content_of(run), run.read_options)
    except ImportRefused:
        return people
    for row in islice(sheet.rows, planning.ROWS_A_STEP):
        if row.number in wanted:
            people[row.number] = parse_row(row, sheet.layout)
            if len(people) == len(wanted):
                break
    return people


def _sides(new: ParsedRow | None, known: Candidate | ParsedRow | None) -> list[dict[str, Any]]:
    """Field by field what the file says and what is known; nothing if one of them is not shown."""
    if new is None or known is None:
        return []
    there = known.values if isinstance(known, ParsedRow) else vars(known)
    sides = []
    for field, label in LABELS.items():
        said, held = new.values.get(field), there.get(field)
        if said not in (None, "") or held not in (None, ""):
            differs = said not in (None, "") and said != held
            sides.append({"label": label, "new": said, "known": held, "differs": differs})
    return sides


def _config(run: ImportRun) -> dict[str, Any] | None:
    """What the page's script needs to follow a worker."""
    if run.state not in (ImportRun.State.CHECKING, ImportRun.State.QUEUED) or run.task is None:
        return None
    return {"key": task_key(run.task), "waiting": _("Waiting for a worker")}
