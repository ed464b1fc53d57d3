"""Spreadsheets of other programs: OpenDocument files, old Excel files, pages named .xls."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.imports import plan
from jobs.imports.limits import MAX_COLUMNS
from jobs.imports.options import ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import html, ods, table
from jobs.imports.rows import Sheet
from tests.support.files.open_document import spreadsheet, spreadsheet_of, with_content

HEADINGS = ["姓名", "手机", "邮箱", "笔试成绩"]
PEOPLE = [["李娜", 18900003333, "a@b.example", 90], ["王芳", "189 0000 4444", "", 88.0]]
READ = [("李娜", "+8618900003333", "a@b.example", 90), ("王芳", "+8618900004444", "", 88)]
MAX_SECONDS = 60  # a busy machine is slow; a quadratic reader would take hours


def values_in(content: bytes, **reading: Any) -> list[tuple[Any, ...]]:
    rows = list(plan.open_file(content, ReadOptions(**reading)).parsed_rows)
    assert [problem.code for row in rows for problem in row.problems] == []
    fields = ("name", "mobile", "email", "written_score")
    return [tuple(row.values.get(field) for field in fields) for row in rows]


def cells_in(content: bytes) -> list[list[str]]:
    return [row.cells for row in table.open_table(content).rows]


def refusal_of(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as refusal:
        for _row in table.open_table(content).rows:
            pass
    assert str(refusal.value)
    return str(refusal.value.problem.code)


def page_of(*rows: list[Any], before: str = '<meta charset="utf-8">') -> str:
    """Returns a page with a table of these rows."""
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return f"<html><head>{before}</head><body><table border=1>{lines}</table></body></html>"


def test_people_in_an_open_document_file_are_read() -> None:
    assert values_in(spreadsheet_of(HEADINGS, *PEOPLE)) == READ


def test_the_sheets_of_an_open_document_file_can_be_chosen() -> None:
    rows = [HEADINGS, *PEOPLE]
    content = spreadsheet({"旧": rows[:2], "A & <B>": rows, "New": rows}, hidden=("旧",))
    file = plan.open_file(content)
    assert file.sheets == (Sheet("旧", is_hidden=True), Sheet("A & <B>"), Sheet("New"))
    assert file.sheet == "A & <B>"
    assert values_in(content, sheet="旧") == READ[:1]


def test_repeated_cells_and_rows_are_read_as_often_as_they_are_repeated() -> None:
    row = (
        '<table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    )
    assert cells_in(spreadsheet_of(["a", "", "b"], tail=row)) == [["a", "", "b"], *[["x", "x"]] * 2]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('office:value-type="date" office:date-value="2026-11-29T00:00:00">', "2026-11-29"),
        ('office:value-type="percentage" office:value="0.9"><text:p>90 %</text:p>', "0.9"),
        ('office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p>', "a b"),
        ('office:value-type="string"><text:p>a<text:span>b</text:span>c</text:p>', "abc"),
        ('office:value-type="string"><text:p>a</text:p><text:p>b</text:p>', "a b"),
        (
            'office:value-type="string"><office:annotation><text:p>remark</text:p>'
            "</office:annotation><text:p>a</text:p>",
            "a",
        ),
        ('table:formula="of:=1+1" office:value-type="float" office:value="2">', "2"),
        (
            'office:value-type="string" calcext:value-type="error"><text:p>Err:508</text:p>',
            "#VALUE!",
        ),
    ],
)
def test_a_cell_of_an_open_document_file_is_its_value(cell: str, text: str) -> None:
    content = spreadsheet_of([f"<table:table-cell {cell}</table:table-cell>"])
    assert cells_in(content) == [[text]]


def test_a_formula_without_a_value_and_hidden_rows_are_told() -> None:
    row = (
        '<table:table-row table:visibility="filter">'
        '<table:table-cell table:formula="of:=A1"/><table:table-cell office:value-type="string">'
        "<text:p>a@b.example</text:p></table:table-cell></table:table-row>"
    )
    (parsed,) = plan.open_file(spreadsheet_of(["姓名", "邮箱"], tail=row)).parsed_rows
    assert [one.code for one in parsed.problems] == ["formula"]
    assert parsed.is_hidden


@pytest.mark.timeout(MAX_SECONDS)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_content("damaged"), "other_format"),
        (with_content("<a/>"), "other_format"),
        (spreadsheet_of(["x"] * (MAX_COLUMNS + 1)), "too_many_columns"),
        (
            spreadsheet_of(
                ["a"],
                tail='<table:table-row table:number-rows-repeated="999999999">'
                "<table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>",
            ),
            "too_many_rows",
        ),
        (
            spreadsheet_of(
                ["a"],
                tail='<table:table-row table:number-rows-repeated="1000000"/>'
                "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
                "</table:table-row>",
            ),
            "too_many_empty_rows",
        ),
        (spreadsheet_of(["a"], tail="<table:other/>" * 300_000), "workbook_too_big"),
        (
            spreadsheet_of(["a"], tail=f"<table:table-row>{'<table:table-cell/>' * 300_000}"),
            "workbook_too_big",
        ),
    ],
    ids=["damaged", "no sheet", "wide", "repeated", "a gap", "no rows", "one long row"],
)
def test_an_open_document_file_is_read_within_bounds(content: bytes, code: str) -> None:
    assert refusal_of(content) == code


@pytest.mark.timeout(MAX_SECONDS)
def test_the_tags_of_sheets_are_looked_for_in_linear_time() -> None:
    content = with_content("<table:table " * 300_000)
    with pytest.raises(UnreadableFile):
        ods.sheets_of(content)


OLD_EXCEL = (Path(__file__).parent / "imports" / "x14_before_2007.xls").read_bytes()


def test_an_excel_file_of_before_2007_is_read() -> None:
    file = plan.open_file(OLD_EXCEL)
    assert file.sheets == (Sheet("说明", is_hidden=True), Sheet("名单"))
    first, second, third = file.parsed_rows
    assert first.values["mobile"] == "+8619900000061"
    assert first.cells == ["邓艾", "19900000061", "dengai@example.com", "90", "2026-11-29", "True"]
    assert second.values["written_score"] == 88
    assert [(one.code, one.column) for one in third.problems] == [("cell_error", "手机")]
    assert [row.is_hidden for row in (first, second, third)] == [False, False, True]


@settings(max_examples=100)
@given(changes=st.dictionaries(st.integers(8, len(OLD_EXCEL) - 1), st.integers(0, 255)))
def test_a_damaged_excel_file_of_before_2007_is_refused_or_read(changes: dict[int, int]) -> None:
    content = bytearray(OLD_EXCEL)
    for place, octet in changes.items():
        content[place] = octet
    with suppress(UnreadableFile):
        cells_in(bytes(content))


@pytest.mark.parametrize("end", [8, 512, 2_000, len(OLD_EXCEL) // 2])
def test_an_excel_file_that_is_cut_off_is_refused(end: int) -> None:
    assert refusal_of(OLD_EXCEL[:end]) == "old_excel"


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("GBK", "gb18030"), ("big5", "big5")],
)
def test_people_in_a_page_are_read_in_the_encoding_that_it_declares(
    charset: str, encoding: str
) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    page = page_of(["name", "mobile", "e-mail", "written score"], *PEOPLE, before=meta)
    page = page.replace("李娜", "李四")
    people = [("李四", *READ[0][1:]), READ[1]]
    assert values_in(page.encode(encoding)) == people
    assert plan.open_file(page.encode(encoding)).reading.encoding == encoding


@pytest.mark.parametrize("meta", ["", '<meta charset="utf-8">', '<meta charset="nonsense">'])
def test_without_the_right_declaration_the_encoding_is_detected_or_chosen(meta: str) -> None:
    content = page_of(HEADINGS, *PEOPLE, before=meta).encode("gb18030")
    assert values_in(content) == READ
    assert values_in(content, encoding="gb18030") == READ


def test_the_tables_of_a_page_can_be_chosen() -> None:
    page = page_of(["Report", "2026"]) + page_of(HEADINGS, *PEOPLE) + page_of(HEADINGS, PEOPLE[1])
    file = plan.open_file(page.encode())
    assert [sheet.name for sheet in file.sheets] == ["1", "2", "3"]
    assert (file.sheet, values_in(page.encode())) == ("2", READ)
    assert values_in(page.encode(), sheet="3") == READ[1:]


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ("<tr><td>a<td>b<tr><td>c", [["a", "b"], ["c"]]),
        ("<TR><TH>a</TH><TD nowrap>b</TD></TR>", [["a", "b"]]),
        ("<tr><td>a<br/>b</td><td><p>c</p><p>d</p></td></tr>", [["a b", "c d"]]),
        ("<tr><td colspan='2'>a</td><td>b</td></tr>", [["a", "", "b"]]),
        (
            "<tr><td rowspan=2>a<td>b</tr><tr><td>c</tr><tr><td>d</tr>",
            [["a", "b"], ["", "c"], ["d"]],
        ),
        ("<tr><td>a &lt; b &amp; c&nbsp;</td><td>3 < 5</td></tr>", [["a < b & c", "3 < 5"]]),
        ("<tr><!-- <td>no</td> --><td>a<!-- b -->c</td></tr>", [["ac"]]),
        ("<tr><td>a<style>td {}</style>b<script>x('<td>')</script></td></tr>", [["ab"]]),
        ("<tr><td>a<table><tr><td>b</td></tr></table>c</td><td>d</td></tr>", [["a b c", "d"]]),
        ('<tr><td x:str>="0123"</td><td>a</td></tr>', [["0123", "a"]]),
        ("<thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody>", [["a"], ["b"]]),
    ],
)
def test_the_cells_of_a_page_are_what_a_browser_shows(rows: str, cells: list[list[str]]) -> None:
    found = cells_in(f"<table>{rows}</table>".encode())
    assert [[" ".join(cell.split()) for cell in row] for row in found] == cells


def test_hidden_rows_of_a_page_are_told() -> None:
    page = "<table><tr style='display: none'><td>a</td></tr><tr><td>b</td></tr></table>"
    assert [row.is_hidden for row in table.open_table(page.encode()).rows] == [True, False]


ENDLESS_PAGES = {
    "marks": "<" * 300_000,
    "comments": "<!--" * 300_000,
    "open tags": "<a " * 300_000,
    "wide cells": "<tr>" + "<td colspan=200>" * 100_000,
    "high cells": "<tr><td rowspan=9999 colspan=200>" * 20_000,
    "tables": "<table>" * 300_000,
    "styles": "<style>" * 300_000,
    "ends of a style": "<style>" + "</style" * 300_000,
    "blanks in a tag": f"<td colspan={' ' * 1_900}>" * 5_000,
    "digits": "<td>&#" + "1" * 300_000,
    "rows": "<tr>" * 300_000,
}


@pytest.mark.timeout(MAX_SECONDS)
@pytest.mark.parametrize("kind", ENDLESS_PAGES)
def test_a_page_is_read_once_whatever_it_holds(kind: str) -> None:
    page = f"<table>{ENDLESS_PAGES[kind]}"
    for sheet in html.sheets_of(page):
        with suppress(UnreadableFile):  # too many rows
            assert all(len(cells) <= MAX_COLUMNS + 1 for cells, _ in html.rows_of(page, sheet))


def test_a_number_that_is_no_character_is_read_as_it_was_written() -> None:
    text = f"&#{'1' * 5_000};"
    assert cells_in(f"<table><tr><td>&lt;{text}</td></tr></table>".encode()) == [[f"<{text}"]]


def test_a_page_without_a_table_is_named_for_what_it_is() -> None:
    assert refusal_of(b"<html><body>Please sign in</body></html>") == "other_format"


def test_a_page_with_too_many_columns_is_refused() -> None:
    assert refusal_of(page_of(["x"] * (MAX_COLUMNS + 1)).encode()) == "too_many_columns"


TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("李小龙<>&\"'=;,. 1a"), st.characters(categories=("L", "N"))
    ),
    max_size=12,
).map(lambda text: " ".join(text.split()))
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=5), min_size=1, max_size=5).filter(
    lambda rows: all(any(row) for row in rows)
)


@settings(max_examples=60)
@given(rows=ROWS)
def test_every_text_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    rows = [[text.replace('="', "=") for text in row] for row in rows]
    assert cells_in(page_of(*rows).encode()) == rows
    without_empty_end = [_trimmed(row) for row in rows]
    assert cells_in(spreadsheet_of(*rows)) == without_empty_end


def _trimmed(row: list[str]) -> list[str]:
    """The row without the empty cells at its end."""
    width = max(place for place, text in enumerate(row, 1) if text)
    return row[:width]
