"""Import files as people really have them: what spreadsheets, online forms and job sites write."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jobs.imports import plan
from jobs.imports.columns import field_for_heading
from jobs.imports.options import ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.file_format import other_format

FILES = Path(__file__).parent / "imports"


def rows_of(name: str) -> list[plan.ParsedRow]:
    return list(plan.open_file((FILES / name).read_bytes()).parsed_rows)


def values_of(name: str, *fields: str) -> list[tuple[Any, ...]]:
    return values_in((FILES / name).read_bytes(), *fields)


def values_in(content: str | bytes, *fields: str) -> list[tuple[Any, ...]]:
    """Returns these values of all rows; fails if a row has a problem."""
    content = content.encode() if isinstance(content, str) else content
    rows = list(plan.open_file(content).parsed_rows)
    assert [problem.code for row in rows for problem in row.problems] == []
    return [tuple(row.values.get(field) for field in fields) for row in rows]


def test_the_separator_that_excel_declares_in_the_first_line_is_used() -> None:
    assert values_of("c01_sep_line.csv", "name", "mobile", "school") == [
        ("程昱", "+8619900000022", "东阿大学")
    ]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;"])
def test_a_declared_separator_wins_over_a_more_frequent_one(line: str) -> None:
    text = f"{line}\nname;email\nAda, Bob, Eve;a@b.example\n"
    assert values_in(text, "name") == [("Ada, Bob, Eve",)]


def test_the_rows_after_a_declared_separator_keep_their_numbers() -> None:
    (row,) = plan.open_file(b"sep=,\nname,email\nAda,a@b.example\n").parsed_rows
    assert row.row == 3


def test_cells_missing_at_the_end_of_a_row_are_empty() -> None:
    assert values_of("c02_short_rows.csv", "name", "major", "degree") == [
        ("荀彧", "法学", "硕士"),
        ("荀攸", "", ""),
        ("郭嘉", "", ""),
    ]


def test_a_line_break_inside_a_cell_is_a_blank() -> None:
    assert values_of("c05_vertical_tab.csv", "name", "school") == [
        ("夏侯惇", "沛国大学 软件学院"),
        ("夏侯渊", "沛国大学"),
    ]


@pytest.mark.parametrize("mark", ["\v", "\f", "\x85", "\u2028", "\u00a0", "\u3000"])
def test_every_break_and_blank_of_unicode_is_a_blank(mark: str) -> None:
    text = f"name,email,school\nAda,a@b.example,North{mark}South\n"
    assert values_in(text, "school") == [("North South",)]


def test_names_are_stored_composed() -> None:
    assert values_of("c07_nfd.csv", "name", "school") == [
        ("Gárdonyi Géza", "Eötvös Loránd Tudományegyetem")
    ]


def test_quotes_inside_a_cell_are_read_as_excel_reads_them() -> None:
    assert values_of("c13b_inner_quote.csv", "name", "school") == [
        ('凌"公绩"统', "余杭大学"),
        ("徐盛", "琅琊大学"),
    ]


def test_a_quote_that_is_never_closed_is_still_refused() -> None:
    with pytest.raises(UnreadableFile) as refusal:
        list(plan.open_file(b'name,email\nAda,"a@b.example\nBob,b@b.example\n').parsed_rows)
    assert refusal.value.problem.code == "quotes"


def test_headings_of_a_job_site_are_recognised() -> None:
    fields = ("name", "mobile", "email", "school", "degree", "major", "city")
    assert values_of("c14_headings_zhilian.csv", *fields) == [
        ("丁奉", "+8619900000044", "dingfeng@example.com", "庐江大学", "本科", "法学", "合肥")
    ]


def test_headings_are_found_below_the_title_of_a_table() -> None:
    assert [row.row for row in rows_of("x03_title_row.xlsx")] == [3, 4]
    fields = ("name", "mobile", "email", "school")
    assert values_of("x03_title_row.xlsx", *fields) == [
        ("赵云", "+8619900000005", "zhaoyun@example.com", "蜀汉大学"),
        ("黄忠", "+8619900000006", "huangzhong@example.com", "蜀汉大学"),
    ]


def test_remarks_above_the_headings_are_skipped() -> None:
    text = "Autumn 2026,,\n,,\nplease do not forward,,\nname,email,school\nAda,a@b.example,North\n"
    assert values_in(text, "name", "school") == [("Ada", "North")]


def test_a_candidate_above_words_like_headings_is_not_skipped() -> None:
    rows = "李小龙,北京,18900003333,北京大学,法学,本科,80,90\n"
    file = plan.open_file((rows + "姓名,城市,18900004444,学校,专业,本科,80,90\n").encode())
    assert [row.values["name"] for row in file.parsed_rows] == ["李小龙", "姓名"]


def test_a_file_without_headings_is_still_read_by_the_order_of_its_columns() -> None:
    text = "李小龙,北京,18900003333,北京大学,法学,本科,80,90\n" * 2
    assert [name for (name,) in values_in(text, "name")] == ["李小龙"] * 2


def test_numbered_headings_of_an_online_form_are_recognised() -> None:
    fields = ("name", "mobile", "email", "school")
    assert values_of("g01_wjx_numbered_headings.csv", *fields) == [
        ("贺一", "+8619900080001", "h1@example.com", "北大")
    ]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *(("Q3. 手机号码：", "mobile"), ("（2）您的姓名", "name"), ("3) Your e-mail *", "email")),
        *(
            ("1、您的姓名是：", "name"),
            ("1.您的姓名是？", "name"),
            ("3、您的学校是哪所？", "school"),
        ),
        *(("求职者姓名", "name"), ("常用邮箱", "email"), ("院校名称", "school")),
        *(("学校名称+毕业院校", "school"), ("手机/电话", "mobile"), ("学校（院校）名称", "school")),
        *(("请填写您的毕业院校", "school"), ("请输入手机号", "mobile"), ("第4题：专业", "major")),
        *(("姓名+手机", None), ("学校/专业", None), ("推荐人/姓名", None), ("是否手机", None)),
        *(("联系人电话", None), ("推荐人姓名", None), ("备注", None), ("2", None)),
    ],
)
def test_a_heading_is_recognised_without_number_and_courtesy(
    heading: str, field: str | None
) -> None:
    assert field_for_heading(heading) == field


def test_texts_that_excel_is_told_to_keep_are_the_text_between_the_quotes() -> None:
    assert values_of("e14_eq_quote.csv", "name", "mobile", "email") == [
        ("刘一", "+8619900012101", "l1@example.com"),
        ("刘二", "+8619900012102", "l2@example.com"),
        ("刘三", "+8619900012103", "l3@example.com"),
    ]


def test_signs_for_nothing_are_empty() -> None:
    assert [mobile for (mobile,) in values_of("e18_no_contact_dash.csv", "mobile")] == [
        *("", "", "", "+8619900014104", "")
    ]


@pytest.mark.parametrize("sign", ["-", "--", "—", "无", "暂无", "N/A", "n.a.", "/", "null"])
def test_every_usual_sign_for_nothing_is_known(sign: str) -> None:
    text = f"name,mobile,email,school,written score\nAda,{sign},a@b.example,{sign},{sign}\n"
    assert values_in(text, "mobile", "school", "written_score") == [("", "", None)]


def test_a_person_may_be_called_null() -> None:
    text = "name,email\nNull,n@b.example\nNa,na@b.example\n"
    assert values_in(text, "name") == [("Null",), ("Na",)]


def test_escapes_of_workbooks_are_decoded() -> None:
    ((name, school),) = values_of("x06_x000D.xlsx", "name", "school")
    assert name == "曹丕"
    assert "_x" not in school


@pytest.mark.parametrize("escape", ["_x0000_", "_x0001_", "_xD800_", "_xFFFF_"])
def test_an_escape_of_a_character_that_no_text_may_hold_is_left_out(escape: str) -> None:
    cell = f'<c r="A2" t="inlineStr"><is><t>A{escape}da</t></is></c>'
    (row,) = plan.open_file(workbook_with(cell)).parsed_rows
    assert row.values["name"] == "Ada"
    row.cells[0].encode()


def test_scores_may_have_the_rounding_error_of_a_computation() -> None:
    (row,) = rows_of("x12_scores.xlsx")
    assert row.values["written_score"] == 90
    assert [(one.code, one.column) for one in row.problems] == [("score", "综合成绩")], "85.5"


@pytest.mark.parametrize(("text", "score"), [("90.000000000000014", 90), ("89.99999999999999", 90)])
def test_so_may_scores_in_a_text_file(text: str, score: int) -> None:
    rows = f"name,email,written score\nAda,a@b.example,{text}\n"
    assert values_in(rows, "written_score") == [(score,)]


def test_a_formula_is_its_last_value() -> None:
    first, *others = rows_of("x01_formula_name.xlsx")
    assert first.values["name"] == "刘备"
    found = {row.values.get("email") for row in (first, *others)}
    assert "guanyu@example.com" in found
    assert {row.values.get("school") for row in (first, *others)} >= {"蜀汉大学"}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="A2" t="str"><f>B2</f></c>', "formula"),
        ('<c r="A2"><f>B2</f><v></v></c>', "formula"),
        ('<c r="A2" t="e"><f>B2</f><v>#REF!</v></c>', "cell_error"),
        ('<c r="A2" t="e"><v>#N/A</v></c>', "cell_error"),
    ],
)
def test_a_formula_without_a_value_and_an_error_are_problems_of_their_cell(
    cell: str, code: str
) -> None:
    (row,) = plan.open_file(workbook_with(cell)).parsed_rows
    assert [(one.code, one.row, one.column) for one in row.problems] == [(code, 2, "name")]


def workbook_with(cell: str) -> bytes:
    """Returns a workbook with headings and a row whose first cell is this markup."""
    file = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name", "email"])
    book.active.append(["replaced", "a@b.example"])
    book.save(file)
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb'<c r="A2".*?</c>', cell.encode(), part)
                assert cell.encode() in part, "the premise"
            new.writestr(name, part)
    return changed.getvalue()


def test_an_error_in_a_text_file_is_a_problem_too() -> None:
    (row,) = plan.open_file(b"name,email\n#REF!,a@b.example\n").parsed_rows
    assert [one.code for one in row.problems] == ["cell_error"]


def test_the_table_of_a_page_named_xls_is_read() -> None:
    assert values_of("c04_html.xls", "name", "mobile", "email") == [
        ("典韦", "+8619900000026", "dianwei@example.com")
    ]


def test_a_hidden_first_sheet_is_passed_over() -> None:
    fields = ("name", "mobile", "email", "school")
    assert values_of("x04_hidden_first_sheet.xlsx", *fields) == [
        ("姜维", "+8619900000009", "jiangwei@example.com", "蜀汉大学")
    ]
    assert [row.problems for row in rows_of("x04_hidden_first_sheet.xlsx")] == [[]]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x13_calc.ods", "other_format"),
        ("x05_strict.xlsx", "strict_workbook"),
    ],
)
def test_files_of_other_kinds_are_named_for_what_they_are(name: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        rows_of(name)
    assert refusal.value.problem.code == code


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xef\xbb\xbf  <TABLE><tr><td>", "HTML"),
        (b"<?xml version='1.0'?><html><table>", "HTML"),
        (b"<?xml version='1.0'?><Workbook>", "XML"),
        (b"MIME-Version: 1.0\n", "MHTML"),
        (b'{"people": []}', "JSON"),
        (b"name,email\n", ""),
    ],
)
def test_other_formats_have_names(content: bytes, name: str) -> None:
    assert other_format(content) == name


@pytest.mark.parametrize(
    "name", ["e03_latin1_muller.csv", "e26_cp1252_curly_apostrophe.csv", "e09_euckr.csv"]
)
def test_a_file_in_another_encoding_is_refused_until_it_is_chosen(name: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        rows_of(name)
    assert refusal.value.problem.code in {"other_encoding", "encoding"}


@pytest.mark.parametrize(
    ("name", "encoding", "expected"),
    [
        ("e03_latin1_muller.csv", "windows-1252", ("Thomas Müller", "Bonn")),
        (
            "e26_cp1252_curly_apostrophe.csv",
            "windows-1252",
            ("Tom O’Brien", "King’s College London"),
        ),
        ("e09_euckr.csv", "euc-kr", ("김철수", "서울대학교")),
    ],
)
def test_the_chosen_encoding_reads_it(name: str, encoding: str, expected: tuple[str, str]) -> None:
    file = plan.open_file((FILES / name).read_bytes(), ReadOptions(encoding=encoding))
    assert expected in [(row.values["name"], row.values["school"]) for row in file.parsed_rows]


@pytest.mark.parametrize(
    "text",
    [
        "姓名,邮箱,学校\n李娜,a@b.example,EMBA学院\n王C罗,b@b.example,TCL集团\n",
        "姓名,邮箱,专业\n李娜,a@b.example,3D打印、Java与python开发\n",
        "姓名,邮箱\n艾A白,a@b.example\n",
    ],
)
def test_latin_letters_next_to_chinese_ones_are_no_other_encoding(text: str) -> None:
    assert list(plan.open_file(text.encode("gb18030")).parsed_rows)


def test_a_line_in_another_encoding_is_a_problem_of_its_row_only() -> None:
    second, third, fourth = rows_of("e11_utf8_one_gbk_line.csv")
    assert (second.values["name"], third.values["name"]) == ("张伟", "李娜")
    assert [(one.code, one.row) for one in fourth.problems] == [("foreign_bytes", 4)]
    assert "\ufffd" in fourth.cells[0]


def test_such_a_file_is_read_the_same_way_when_it_is_imported() -> None:
    content = (FILES / "e11_utf8_one_gbk_line.csv").read_bytes()
    used = plan.open_file(content).reading
    assert used.encoding == "utf-8"
    assert len(list(plan.open_file(content, used).parsed_rows)) == 3


def test_a_control_character_in_such_a_file_is_reported_at_its_byte() -> None:
    content = (FILES / "e11_utf8_one_gbk_line.csv").read_bytes()
    with pytest.raises(UnreadableFile) as refusal:
        plan.open_file(content + b"\x01")
    assert refusal.value.problem.params["byte"] == len(content) + 1


def test_a_workbook_of_an_older_export_is_still_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机号", "邮箱"])
    book.active.append(["李娜", "'+8618900003333", "a@b.example"])
    file = io.BytesIO()
    book.save(file)
    assert values_in(file.getvalue(), "name", "mobile") == [("李娜", "+8618900003333")]


def test_a_row_of_a_text_file_can_be_written_to_a_text_file_again() -> None:
    (row,) = plan.open_file(b"name,email,school\nAda,wrong,'=1+1\n").parsed_rows
    assert row.cells == ["Ada", "wrong", "=1+1"]
