"""The importer quickly turns any bytes into rows or one clear refusal."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.imports import plan
from jobs.imports.problems import InvalidColumns, UnreadableFile

CELLS = st.text(
    alphabet=st.sampled_from("李小龙姓名手机aA1189=+-@'\",;\t\r\n \u3000０é\u200b"), max_size=12
)


def read(content):
    try:
        people = list(plan.open_file(content).parsed_rows)
    except (UnreadableFile, InvalidColumns) as refused:
        return [str(refused)]
    assert people
    return [str(problem) for person in people for problem in person.problems]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    assert all(read(content))


@given(st.lists(st.lists(CELLS, max_size=9), max_size=6), st.sampled_from([",", ";", "\t"]))
@settings(deadline=None)
def test_any_table_of_cells_is_read_or_refused(rows, separator):
    headings = "姓名;手机;邮箱".replace(";", separator)
    assert all(read("\n".join([headings, *map(separator.join, rows)]).encode()))


@given(st.integers(min_value=1, max_value=6000))
@settings(max_examples=25, deadline=None)
def test_a_workbook_truncated_anywhere_is_refused(length):
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["姓名", "手机"])
    book.active.append(["李", "18900003333"])
    book.save(content)
    assert all(read(content.getvalue()[:length]))


def test_a_zip_file_that_is_no_workbook_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("note.txt", "hello")
    with pytest.raises(UnreadableFile) as refusal:
        plan.open_file(content.getvalue())
    assert refusal.value.problem.code == "workbook"


@pytest.mark.parametrize(
    "content",
    [
        b"a" * 5_000_000,
        b"a,b;c\td\n" * 600_000,
        b'"' * 100_000,
        b"'a;,b\"" * 100_000,
        b"\r" * 9_999,
    ],
    ids=["one word", "many rows", "quotes", "one odd line", "empty lines"],
)
@pytest.mark.timeout(60)
def test_a_malicious_file_is_refused_within_a_minute(content):
    with pytest.raises((UnreadableFile, InvalidColumns)):
        list(plan.open_file(content).parsed_rows)
