"""The problems of a file, its columns and rows: codes, parameters and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.candidates.email_hints import QUESTION

# Problems are stored by code, so that each reader gets the message in their language.
REASONS = {
    # the file as a whole
    "empty": gettext_lazy("The file is empty."),
    "no_rows": gettext_lazy("The file has headings but no rows."),
    "too_big": gettext_lazy("The file is larger than %(limit)s MiB."),
    "too_many_rows": gettext_lazy(
        "The file has more than %(limit)s rows. Split it into several files."
    ),
    "too_many_columns": gettext_lazy(
        "This row has more than %(limit)s columns. Delete the columns that are not needed."
    ),
    "no_such_sheet": gettext_lazy("There is no sheet “%(sheet)s” in the workbook."),
    "binary": gettext_lazy(
        "This is not a text file (byte %(byte)s). Save it as a CSV file or Excel workbook (.xlsx)."
    ),
    "cut": gettext_lazy(
        "The file is cut off in the middle of a character (byte %(byte)s). Upload it again."
    ),
    "encoding": gettext_lazy(
        "Byte %(byte)s cannot be read as UTF-8, UTF-16 or GB18030. Save the file as UTF-8."
    ),
    "chosen_encoding": gettext_lazy("Byte %(byte)s cannot be read as %(encoding)s."),
    "other_encoding": gettext_lazy(
        "The file seems to be encoded in %(encoding)s. Choose its encoding, or save it as UTF-8."
    ),
    "unclear_encoding": gettext_lazy(
        "The encoding of this file is not clear. Choose it, or save the file as UTF-8."
    ),
    "old_excel": gettext_lazy(
        "This Excel file is damaged, very old or protected by a password. Save it as .xlsx without"
        " a password."
    ),
    "other_format": gettext_lazy(
        "This file is in the format %(format)s. Save the table as an Excel workbook (.xlsx) or as a"
        " CSV file."
    ),
    "strict_workbook": gettext_lazy(
        "This is a Strict Open XML workbook. Save it as an ordinary Excel workbook (.xlsx)."
    ),
    "workbook": gettext_lazy("The Excel workbook is damaged and cannot be opened."),
    "workbook_too_big": gettext_lazy(
        "The Excel workbook is too large for its rows. Copy the table into a new workbook."
    ),
    "too_many_empty_rows": gettext_lazy(
        "The Excel workbook has more than %(limit)s rows, including empty ones. "
        "Delete the empty rows."
    ),
    "quotes": gettext_lazy("A quotation mark is not closed, or is inside a cell."),
    "no_headings": gettext_lazy(
        "No headings were recognised. A file without headings needs these %(width)s columns: "
        "%(columns)s. This row has %(cells)s."
    ),
    "column_missing": gettext_lazy("This column is missing."),
    "contact_missing": gettext_lazy("One of these columns is required."),
    "column_twice": gettext_lazy("This column appears twice, in columns %(first)s and %(second)s."),
    "unknown_field": gettext_lazy("There is no field “%(field)s”."),
    "columns_differ": gettext_lazy(
        "The file has %(width)s columns, but fields for %(given)s are given."
    ),
    # one row
    "foreign_bytes": gettext_lazy(
        "This row is in another encoding than the rest of the file. Enter it again."
    ),
    "cells": gettext_lazy("The row has %(cells)s cells, but the file has %(width)s columns."),
    "formula": gettext_lazy(
        "This formula has no value in the file. Open the file in a spreadsheet and save it again."
    ),
    "cell_error": gettext_lazy("The spreadsheet shows the error %(error)s here."),
    "required": gettext_lazy("This cannot be empty."),
    "name_address": gettext_lazy("Not a name: it contains a web or e-mail address."),
    "no_contact": gettext_lazy("Enter a mobile number or an e-mail address."),
    "too_long": gettext_lazy("Longer than %(limit)s characters."),
    "mobile": gettext_lazy("Not a mobile number."),
    "mobile_rounded": gettext_lazy(
        "The spreadsheet has rounded this number. Format the column as text and enter it again."
    ),
    "email": gettext_lazy("Not an e-mail address."),
    "emails": gettext_lazy("There is more than one e-mail address."),
    # a hint: the row is imported nevertheless
    "email_slip": QUESTION,
    "score": gettext_lazy("Not a whole number from 0 to 100."),
    "two_people": gettext_lazy(
        "The mobile number and the e-mail address belong to two different people."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem. `row` counts from 1, as in the file; `column` is the heading."""

    code: str
    row: int | None = None
    column: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return str(REASONS[self.code]) % self.params

    @property
    def where(self) -> str:
        if self.row is not None and self.column:
            return _("Row %(row)s, %(column)s") % {"row": self.row, "column": self.column}
        if self.row is not None:
            return _("Row %(row)s") % {"row": self.row}
        return self.column

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "row": self.row,
            "column": self.column,
            "params": self.params,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**stored)


class UnreadableFile(Exception):
    """The file cannot be read; nothing was imported."""

    def __init__(
        self, code: str, *, row: int | None = None, column: str = "", **params: Any
    ) -> None:
        self.problem = Problem(code=code, row=row, column=column, params=params)
        super().__init__(code)

    def __str__(self) -> str:
        return str(self.problem)


class InvalidColumns(Exception):
    """The columns cannot be assigned to fields; `problems` has the reason for each column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*(problem.code for problem in problems))

    def __str__(self) -> str:
        return " ".join(map(str, self.problems))
