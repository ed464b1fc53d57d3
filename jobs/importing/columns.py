"""Which column of a file means what: by its heading in Chinese or English, or by place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.importing.problems import UnreadableFile

# Field → its name on screen, and the headings it is known by.
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
ALIASES = {
    "name": "姓名 名字 候选人 候选人姓名 应聘者 应聘者姓名 学生姓名 "
    "name fullname candidate candidatename username",
    "mobile": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 mobile mobilephone "
    "mobilenumber phone phonenumber cellphone cell tel telephone",
    "email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 邮件地址 email emailaddress mail",
    "city": "城市 所在城市 地区 所在地 现居城市 city location",
    "school": "学校 毕业学校 毕业院校 院校 本科学校 本科院校 大学 school university college "
    "bachelorschool almamater",
    "major": "专业 所学专业 major subject fieldofstudy",
    "degree": "学历 学位 最高学历 degree education",
    "general_score": "综合能力 综合能力测评 综合能力测评成绩 综合能力成绩 综合成绩 测评成绩 "
    "通用能力 通用能力测评成绩 "
    "generalabilityscore generalability generalscore testscore testscoreofgeneralability",
    "written_score": "笔试 笔试成绩 笔试分数 writtenscore writtentest writtentestscore paperscore",
}
FIELD_OF = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}

# The course project's files have no headings: these fields, in this order.
BY_PLACE = (
    "name",
    "city",
    "mobile",
    "school",
    "major",
    "degree",
    "general_score",
    "written_score",
)
NOT_A_LETTER = re.compile(r"[\W_]+")
IN_BRACKETS = re.compile(r"\(.*?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where each known field stands in a row, and what its column is called there."""

    fields: dict[str, int]
    headings: dict[str, str]
    width: int
    has_headings: bool
    ignored: tuple[str, ...] = ()


def layout_of(cells: Sequence[str], *, row: int) -> Layout:
    """Read the first row as headings, or take the columns by place.

    Raises UnreadableFile when a needed column is missing, one appears twice, or neither way fits.
    """
    known = [field_of(cell) for cell in cells]
    if not any(known):
        return _by_place(cells, row=row)
    fields: dict[str, int] = {}
    for place, field in enumerate(known):
        if field in fields:
            raise UnreadableFile(
                "column_twice",
                row=row,
                column=cells[place].strip(),
                first=fields[field] + 1,
                second=place + 1,
            )
        if field:
            fields[field] = place
    _refuse_missing(fields, row=row)
    return Layout(
        fields=fields,
        headings={field: cells[place].strip() for field, place in fields.items()},
        width=_width(cells),
        has_headings=True,
        ignored=tuple(
            cell.strip()
            for cell, field in zip(cells, known, strict=True)
            if not field and cell.strip()
        ),
    )


def field_of(heading: str) -> str | None:
    """The field a heading names; case, blanks, punctuation and (remarks) do not matter."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    for candidate in (plain, IN_BRACKETS.sub("", plain)):
        if field := FIELD_OF.get(NOT_A_LETTER.sub("", candidate)):
            return field
    return None


def _by_place(cells: Sequence[str], *, row: int) -> Layout:
    if len(cells) < len(BY_PLACE) or _width(cells) > len(BY_PLACE):
        columns = ", ".join(str(LABELS[field]) for field in BY_PLACE)
        raise UnreadableFile(
            "no_headings", row=row, width=len(BY_PLACE), columns=columns, cells=len(cells)
        )
    return Layout(
        fields={field: place for place, field in enumerate(BY_PLACE)},
        headings={field: str(LABELS[field]) for field in BY_PLACE},
        width=len(BY_PLACE),
        has_headings=False,
    )


def _refuse_missing(fields: dict[str, int], *, row: int) -> None:
    if "name" not in fields:
        raise UnreadableFile("column_missing", row=row, column=str(LABELS["name"]))
    if "mobile" not in fields and "email" not in fields:
        both = f"{LABELS['mobile']} / {LABELS['email']}"
        raise UnreadableFile("contact_missing", row=row, column=both)


def _width(cells: Sequence[str]) -> int:
    """Columns up to the last one with a text: spreadsheets like to add empty ones."""
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
