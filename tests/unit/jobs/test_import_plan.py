"""The plan of an import: layout, parsed rows, problems and outcomes, without a database."""

import io
import tracemalloc
from pathlib import Path

import openpyxl
import pytest

from jobs.imports import plan
from jobs.imports.plan import ExistingCandidate, Outcome
from jobs.imports.problems import InvalidColumns, UnreadableFile
from jobs.imports.readers import table

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
HEADED = "姓名,手机,邮箱,笔试成绩\n李小龙,18900003333,lee@example.com,100\n"


def rows_in(text, encoding="utf-8"):
    return list(plan.open_file(text.encode(encoding)).parsed_rows)


def problems_in(text):
    return [
        (problem.code, problem.row, problem.column)
        for person in rows_in(text)
        for problem in person.problems
    ]


def refusal_of(content):
    """The first problem that prevents the whole import."""
    with pytest.raises((UnreadableFile, InvalidColumns)) as refused:
        list(
            plan.open_file(content if isinstance(content, bytes) else content.encode()).parsed_rows
        )
    error = refused.value
    return error.problem if isinstance(error, UnreadableFile) else error.problems[0]


def outcomes_of(text, known=None):
    return [row.outcome.value for row in planned(text, known or {})]


def planned(text, known):
    return plan.Planner(lambda contacts: known).plan(rows_in(text))


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_the_course_file_without_headings_is_read_by_column_order():
    sheet = plan.open_file(COURSE_FILE.read_bytes())
    assert not sheet.layout.has_headings
    people = list(sheet.parsed_rows)
    assert [person.problems for person in people] == [[], [], [], []]
    assert people[3].values == {
        "name": "李小龙",
        "city": "深圳",
        "mobile": "+8618900003333",
        "school": "东南大学",
        "major": "计算机",
        "degree": "本科",
        "general_score": 75,
        "written_score": 68,
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_separator_and_line_end_gives_the_same_rows(separator, line_end):
    text = HEADED.replace(",", separator).replace("\n", line_end)
    assert [person.values for person in rows_in(text)] == [
        {
            "name": "李小龙",
            "mobile": "+8618900003333",
            "email": "lee@example.com",
            "written_score": 100,
        }
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "姓名,手机号,城市",
        "Name,Mobile,City",
        " name , PHONE_NUMBER , city ",
        "姓名(必填),电话,所在城市",
    ],
)
def test_headings_are_recognised_in_both_languages(headings):
    [person] = rows_in(f"{headings}\nAna Ruiz,18900003333,Madrid\n")
    assert person.values == {"name": "Ana Ruiz", "mobile": "+8618900003333", "city": "Madrid"}


def test_headings_may_be_in_any_order_and_unknown_ones_are_listed_as_ignored():
    sheet = plan.open_file("备注,手机,姓名\nx,18900003333,李小龙\n".encode())
    assert sheet.layout.ignored == ("备注",)
    assert next(sheet.parsed_rows).values == {"name": "李小龙", "mobile": "+8618900003333"}


def test_a_quoted_cell_may_contain_the_separator_and_a_line_end():
    [person] = rows_in('name,mobile,school\n"Lee, Bruce",18900003333,"Uni\nof X"\n')
    assert person.values["name"] == "Lee, Bruce"
    assert person.values["school"] == "Uni of X"


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1+1", "-2", "@SUM(A1)"])
def test_a_cell_that_could_be_a_formula_stays_text(text):
    [person] = rows_in(f"name,mobile\n{text},18900003333\n")
    assert person.values["name"] == text
    [again] = rows_in(f"name,mobile\n'{text},'+8618900003333\n")
    assert again.values == person.values


def test_a_workbook_is_read_like_a_text_file():
    content = workbook(
        ["姓名", "手机", "笔试成绩", None],
        ["李小龙", 18900003333, 100.0],
        ["李振藩", 1.86e10 + 1111, ""],
    )
    first, second = plan.open_file(content).parsed_rows
    assert first.values == {"name": "李小龙", "mobile": "+8618900003333", "written_score": 100}
    assert second.values == {"name": "李振藩", "mobile": "+8618600001111", "written_score": None}


def test_rows_keep_their_number_in_the_file_and_empty_rows_are_skipped():
    people = rows_in("name,mobile\n\nAna,18900003333\n,\nBob,18600001111\n")
    assert [person.row for person in people] == [3, 5]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("李,18900003333,,101", ("score", 2, "笔试成绩")),
        ("李,18900003333,,-1", ("score", 2, "笔试成绩")),
        ("李,18900003333,,80.5", ("score", 2, "笔试成绩")),
        (",18900003333,,80", ("required", 2, "姓名")),
        ("李,12,,80", ("mobile", 2, "手机")),
        ("李,1.89E+10,,80", ("mobile_rounded", 2, "手机")),
        ("李,18900003333,nobody,80", ("email", 2, "邮箱")),
        ("李,,,80", ("no_contact", 2, "手机")),
        (f"{'李' * 121},18900003333,,80", ("too_long", 2, "姓名")),
        ("李,18900003333,,80,more", ("cells", 2, "")),
    ],
)
def test_a_problem_is_reported_by_row_and_heading(row, expected):
    assert problems_in(f"姓名,手机,邮箱,笔试成绩\n{row}\n") == [expected]


@pytest.mark.parametrize("score", ["0", "100", "１００", "80.0", ""])
def test_scores_from_0_to_100_and_empty_scores_are_valid(score):
    assert problems_in(f"姓名,手机,笔试成绩\n李,18900003333,{score}\n") == []


def test_all_problems_of_a_row_are_reported_together():
    assert len(problems_in("姓名,手机,邮箱,笔试成绩\n,12,nobody,999\n")) == 4


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "empty", None),
        ("姓名,手机\n", "no_rows", None),
        ("手机,城市\n1,2\n", "column_missing", 1),
        ("姓名,城市\n1,2\n", "contact_missing", 1),
        ("姓名,手机,电话\n1,2,3\n", "column_twice", 1),
        ("李小龙,18900003333\n", "no_headings", 1),
        ("李小龙\n", "no_headings", 1),
        ('name,mobile\nAna,18900003333\n"Bob,18600001111\n', "quotes", 3),
        (b"PK\x03\x04 not a workbook", "workbook", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old_excel", None),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_with_reason_and_row(content, code, row):
    problem = refusal_of(content)
    assert (problem.code, problem.row) == (code, row)
    assert str(problem)


def test_a_duplicate_column_is_reported_with_both_positions():
    problem = refusal_of("姓名,手机,城市,手机号\n1,2,3,4\n")
    assert (problem.column, problem.params) == ("手机号", {"first": 2, "second": 4})


def test_a_file_beyond_the_limits_is_refused(monkeypatch):
    monkeypatch.setattr(table, "MAX_BYTES", 1024 * 1024)
    assert refusal_of(b"x" * (1024 * 1024 + 1)).code == "too_big"
    monkeypatch.setattr(plan, "MAX_ROWS", 2)
    assert refusal_of("姓名,手机\n" + "李,18900003333\n" * 3).code == "too_many_rows"


def test_rows_about_the_same_person_create_one_candidate():
    text = (
        "姓名,手机,邮箱\n李,18900003333,\n李,+86 189-0000-3333,l@example.com\n李,,L@example.com\n"
    )
    rows = planned(text, {})
    assert [row.outcome for row in rows] == [Outcome.NEW, Outcome.REPEATED, Outcome.REPEATED]
    assert [row.same_as for row in rows] == [None, 2, 2]


def test_an_existing_candidate_is_recognised_by_mobile_or_email():
    known = {
        ("mobile", "+8618900003333"): ExistingCandidate(7, "李小龙"),
        ("email", "a@b.cn"): ExistingCandidate(8, "安"),
    }
    text = "姓名,手机,邮箱\n李小龙,18900003333,\n别人,,A@B.CN\n"
    rows = planned(text, known)
    assert [row.existing.id for row in rows] == [7, 8]
    assert [row.name_differs for row in rows] == [False, True]


def test_a_row_with_the_contacts_of_two_people_is_invalid():
    known = {
        ("mobile", "+8618900003333"): ExistingCandidate(7, "李"),
        ("email", "a@b.cn"): ExistingCandidate(8, "安"),
    }
    assert outcomes_of("姓名,手机,邮箱\n李,18900003333,a@b.cn\n", known) == ["bad"]
    assert outcomes_of("姓名,手机,邮箱\n李,18900003333,\n安,,a@b.cn\n谁,18900003333,a@b.cn\n") == [
        "new",
        "new",
        "bad",
    ]


def test_an_invalid_row_does_not_make_a_later_valid_row_a_repetition():
    assert outcomes_of("姓名,手机,笔试成绩\n李,18900003333,999\n李,18900003333,99\n") == [
        "bad",
        "new",
    ]


def test_the_plan_of_a_long_file_keeps_little_of_each_earlier_row():
    rows, most_bytes_a_row = 5_000, 300  # each with two contacts
    text = "\n".join(f"王{at},138{at:08d},{at}@a.cn" for at in range(rows))
    planner = plan.Planner(lambda contacts: {})
    people = plan.open_file(("姓名,手机,邮箱\n" + text).encode()).parsed_rows
    tracemalloc.start()
    try:
        for person in people:
            assert planner.plan([person])[0].outcome == Outcome.NEW
        del person
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < rows * most_bytes_a_row
