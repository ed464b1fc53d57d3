"""Maps the columns of a file to candidate fields: by Chinese or English headings, or by order."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.candidates.contacts import (
    InvalidContact,
    normalize_email,
    normalize_mobile,
    normalize_unicode,
)
from jobs.imports.options import AUTODETECT, IGNORED, ReadOptions
from jobs.imports.problems import Problem
from jobs.imports.rows import Row

# The label of each field on screen.
LABELS = {
    "name": pgettext_lazy("person", "name"),
    "mobile": _("mobile"),
    "email": _("e-mail"),
    "city": _("city"),
    "school": _("school"),
    "major": _("major"),
    "degree": _("degree"),
    "general_score": _("general ability score"),
    "written_score": _("written score"),
}
# The headings that name each field.
ALIASES = {
    "name": "姓名 名字 候选人 候选人姓名 应聘者 应聘者姓名 求职者 求职者姓名 学生姓名 真实姓名 "
    "name fullname candidate candidatename username",
    "mobile": "手机 手机号 手机号码 联系手机 电话 电话号码 联系电话 联系方式 移动电话 "
    "mobile mobilephone mobilenumber phone phonenumber cellphone cell tel telephone",
    "email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 电子邮箱地址 邮件地址 电子邮件地址 联系邮箱 "
    "常用邮箱 个人邮箱 email emailaddress mail",
    "city": "城市 所在城市 地区 所在地 现居城市 现居住地 现居地 居住地 现居住城市 city location",
    "school": "学校 学校名称 毕业学校 毕业学校名称 毕业院校名称 就读学校 就读院校 毕业院校 院校 "
    "院校名称 本科学校 本科院校 大学 school university college "
    "bachelorschool almamater",
    "major": "专业 专业名称 所学专业 major subject fieldofstudy",
    "degree": "学历 学位 最高学历 degree education",
    "general_score": "综合能力 综合能力测评 综合能力测评成绩 综合能力成绩 综合成绩 测评成绩 "
    "通用能力 通用能力测评成绩 "
    "generalabilityscore generalability generalscore testscore testscoreofgeneralability",
    "written_score": "笔试 笔试成绩 笔试分数 writtenscore writtentest writtentestscore paperscore",
}
FIELD_BY_ALIAS = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}

# Files without headings have these fields, in this order.
DEFAULT_COLUMNS = (
    "name",
    "city",
    "mobile",
    "school",
    "major",
    "degree",
    "general_score",
    "written_score",
)
MOBILE_BY_ORDER = DEFAULT_COLUMNS.index("mobile")
DIGIT = re.compile(r"\d")
MAX_ROWS_ABOVE_HEADINGS = 10
NOT_A_LETTER = re.compile(r"[\W_]+")
IN_BRACKETS = re.compile(r"\(.*?\)")
# Online forms number their questions and ask politely: 1、您的姓名：
QUESTION_NUMBER = re.compile(r"^\s*(?:第\s*\d+\s*题|\(\d+\)|q?\d+\s*[、.:)])\s*", re.IGNORECASE)
COURTESY = re.compile(
    r"^(?:请(?:您)?(?:填写|输入|留下)?)?(?:您的|你的|本人|your\s)?\s*", re.IGNORECASE
)
ASKING = re.compile(r"(?:是|为)(?:什么|多少|哪里|哪所|哪个)?[\W_]*$")  # 您的姓名是：
ALTERNATIVES = re.compile(r"[+/|、或]")  # 学校名称/毕业院校


LearnedColumns = Mapping[str, str]
"""The fields, or IGNORED, that people gave headings in earlier imports, by `heading_key`."""
NOTHING: LearnedColumns = {}
MAX_KEY = 60  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading in the file, and its field or IGNORED.

    `key` is the heading as `learned_columns` stores it; empty if the column has none.
    """

    heading: str
    field: str = IGNORED
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a file. `fields` (column indexes) and `headings` are by field name.

    Rows can be read only if there are no `problems`.
    """

    columns: tuple[Column, ...]
    has_headings: bool
    title_rows: int  # above the headings: the title of the table, and remarks
    problems: tuple[Problem, ...]
    fields: dict[str, int]
    headings: dict[str, str]

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(one.heading for one in self.columns if not one.field and one.heading)


def detect_layout(
    rows: Sequence[Row], reading: ReadOptions = AUTODETECT, learned: LearnedColumns = NOTHING
) -> Layout:
    """Determines the columns from the options, the headings, or the order of the columns.

    `rows` are the first rows of the file. Problems are returned in the layout, not raised.
    """
    title_rows = 0 if reading.has_headings is False else _rows_above_headings(rows)
    rows = rows[title_rows:]
    cells = rows[0].cells
    by_heading = _by_heading(cells, learned)
    has_headings = reading.has_headings
    if has_headings is None:
        has_headings = any(by_heading) or _looks_like_headings(rows)
    if has_headings:
        width = _width(cells)
        detected = by_heading[:width]
    else:
        width = max(_width(row.cells) for row in rows)
        detected = _by_order(cells, width)
        width = len(detected)
    fields = detected if reading.columns is None else list(reading.columns)
    headings = [cell.strip() for cell in cells[:width]] if has_headings else [""] * width
    columns = _columns(headings, fields)
    problems = list(_problems(columns, row=rows[0].number))
    if len(fields) != width:
        params = {"given": len(fields), "width": width}
        problems = [Problem(code="columns_differ", row=rows[0].number, params=params)]
    if reading.columns is None and not any(detected):
        problems = [_no_headings(cells, row=rows[0].number)]
    return _layout(columns, problems, has_headings=has_headings, title_rows=title_rows)


def _by_heading(cells: Sequence[str], learned: LearnedColumns) -> list[str]:
    """Returns the field of each heading; a learned one does not displace that of another column."""
    keys = [heading_key(cell) for cell in cells]
    found = [
        IGNORED if learned.get(key) == IGNORED else field_for_heading(cell) or IGNORED
        for key, cell in zip(keys, cells, strict=True)
    ]
    for place, key in enumerate(keys):
        if (field := learned.get(key, IGNORED)) and field not in found:
            found[place] = field
    return found


def _rows_above_headings(rows: Sequence[Row]) -> int:
    """Counts the rows above the first one with several known headings; 0 if there is none.

    A row with a contact is a candidate, so that nobody is skipped.
    """
    for place, row in enumerate(rows[:MAX_ROWS_ABOVE_HEADINGS]):
        if sum(field_for_heading(cell) is not None for cell in row.cells) > 1:
            return place
        if any(map(is_contact, row.cells)):
            return 0
    return 0


def _columns(headings: Sequence[str], fields: Sequence[str]) -> list[Column]:
    """A column without a heading is named after its field, or by its number."""
    found = []
    for place, (heading, field) in enumerate(zip_longest(headings, fields, fillvalue=""), 1):
        name = heading or str(LABELS.get(field) or _("Column %(number)s") % {"number": place})
        found.append(Column(heading=name, field=field, key=heading_key(heading)))
    return found


def _layout(columns: Sequence[Column], problems: Sequence[Problem], **found: Any) -> Layout:
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        if column.field:
            places.setdefault(column.field, place)
    return Layout(
        columns=tuple(columns),
        problems=tuple(problems),
        fields=places,
        headings={field: columns[place].heading for field, place in places.items()},
        **found,
    )


def field_for_heading(heading: str) -> str | None:
    """Returns the field for a heading.

    Ignores case, blanks, punctuation, (remarks), the number of a question and its words of
    courtesy. A heading of alternatives names a field if they all do.
    """
    plain = normalize_unicode("NFKC", heading).casefold()
    asked = _asked(plain)
    for text in (plain, asked, ASKING.sub("", asked)):
        for candidate in (text, IN_BRACKETS.sub("", text)):
            if field := FIELD_BY_ALIAS.get(NOT_A_LETTER.sub("", candidate)):
                return field
    named = {
        FIELD_BY_ALIAS.get(NOT_A_LETTER.sub("", text))
        for text in ALTERNATIVES.split(ASKING.sub("", asked))
    }
    return named.pop() if len(named) == 1 else None


def heading_key(heading: str) -> str:
    """Returns the letters and digits of a heading, without the number of a question and courtesy.

    Headings with the same key are the same heading, in another file of the same origin.
    """
    plain = normalize_unicode("NFKC", heading).casefold()
    return NOT_A_LETTER.sub("", _asked(plain))[:MAX_KEY]


def _asked(plain: str) -> str:
    return COURTESY.sub("", QUESTION_NUMBER.sub("", plain))


def _looks_like_headings(rows: Sequence[Row]) -> bool:
    """True if the first row is no candidate: it has no contact, nor digits where mobiles are."""
    cells = rows[0].cells
    width = max(_width(row.cells) for row in rows)
    is_in_order = any(_by_order(cells, width)) and DIGIT.search(cells[MOBILE_BY_ORDER]) is not None
    return len(rows) > 1 and not (is_in_order or any(map(is_contact, cells)))


def is_contact(text: str) -> bool:
    """True for a mobile number or an e-mail address."""
    for read in (normalize_mobile, normalize_email):
        try:
            if read(text):
                return True
        except InvalidContact:
            continue
    return False


def _by_order(cells: Sequence[str], width: int) -> list[str]:
    if len(cells) < len(DEFAULT_COLUMNS) or width > len(DEFAULT_COLUMNS):
        return [IGNORED] * width
    return list(DEFAULT_COLUMNS)


def _no_headings(cells: Sequence[str], *, row: int) -> Problem:
    params = {
        "width": len(DEFAULT_COLUMNS),
        "columns": ", ".join(str(LABELS[field]) for field in DEFAULT_COLUMNS),
        "cells": _width(cells),
    }
    return Problem(code="no_headings", row=row, params=params)


def _problems(columns: Sequence[Column], *, row: int) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, column in enumerate(columns, 1):
        if not column.field:
            continue
        if column.field not in LABELS:
            params = {"field": column.field[:40]}
            yield Problem(code="unknown_field", row=row, column=column.heading, params=params)
        elif column.field in first:
            places = {"first": first[column.field], "second": place}
            yield Problem(code="column_twice", row=row, column=column.heading, params=places)
        first.setdefault(column.field, place)
    yield from _missing(first, row=row)


def _missing(fields: Container[str], *, row: int) -> Iterator[Problem]:
    if "name" not in fields:
        yield Problem(code="column_missing", row=row, column=str(LABELS["name"]))
    if "mobile" not in fields and "email" not in fields:
        both = f"{LABELS['mobile']} / {LABELS['email']}"
        yield Problem(code="contact_missing", row=row, column=both)


def _width(cells: Sequence[str]) -> int:
    """Counts columns up to the last one with text: spreadsheets often add empty ones."""
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
