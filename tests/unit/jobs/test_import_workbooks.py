"""Workbooks are read only as far as their rows need, whatever size they declare or unpack to."""

from datetime import date, datetime
from itertools import islice

import pytest

from jobs.imports import limits, plan
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import sheet, table, workbook
from tests.support.files.workbooks import (
    MAIN,
    SHEET,
    STYLES,
    text_row,
    with_parts,
    with_sheet,
    with_texts,
    workbook_of,
)

HEADINGS = text_row("姓名", "手机")
PERSON = text_row("李", "18900003333")
MEBIBYTE = 1024 * 1024


class CountingStream(sheet.RowBudgetStream):
    """Counts the bytes that are read from the sheet."""

    bytes_read = 0

    def read(self, size):
        found = super().read(size)
        CountingStream.bytes_read += len(found)
        return found


@pytest.fixture
def sheet_stream(monkeypatch):
    CountingStream.bytes_read = 0
    monkeypatch.setattr(workbook, "RowBudgetStream", CountingStream)
    return CountingStream


def refusal_of(content):
    with pytest.raises(UnreadableFile) as refusal:
        for _row in table.open_table(content).rows:
            pass
    assert str(refusal.value)
    return refusal.value.problem.code


def test_deciding_that_a_file_is_long_reads_only_its_beginning(sheet_stream):
    content = with_sheet(HEADINGS + PERSON * 1_000_000)
    assert plan.is_long(content)
    assert sheet_stream.bytes_read < MEBIBYTE


def test_more_rows_than_allowed_are_refused_without_reading_the_rest(sheet_stream, monkeypatch):
    assert table.MAX_ROWS == limits.MAX_ROWS
    monkeypatch.setattr(table, "MAX_ROWS", 5_000)
    content = with_sheet(HEADINGS + PERSON * 20_000)
    assert refusal_of(content) == "too_many_rows"
    assert sheet_stream.bytes_read < len(PERSON) * (5_000 + 2_000)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (HEADINGS + b"<row/>" * 3_000_000, "too_many_empty_rows"),
        (HEADINGS + b'<row r="999999999999"/>', "too_many_empty_rows"),
        (HEADINGS + b'<row r="1"/>' * 1_000_000, "workbook"),
        (b"<row>" + b"<c/>" * 3_000_000 + b"</row>", "workbook_too_big"),
        (HEADINGS + (b"<row>" + b"<c/>" * 5_000 + b"</row>") * 1_000, "workbook_too_big"),
        (b"<other/>" * 1_000_000, "workbook_too_big"),
    ],
    ids=["empty rows", "a gap", "one row number repeated", "one long row", "long rows", "no rows"],
)
def test_a_long_sheet_without_content_is_refused_early(rows, code, sheet_stream):
    assert refusal_of(with_sheet(rows)) == code
    assert sheet_stream.bytes_read <= 2 * MEBIBYTE


def test_the_part_before_the_rows_is_limited_too(sheet_stream):
    assert refusal_of(with_sheet(PERSON, before=b"<cols/>" * 1_000_000)) == "workbook_too_big"
    assert sheet_stream.bytes_read <= 2 * MEBIBYTE


def test_a_workbook_with_too_many_cell_formats_is_refused():
    styles = b"<styleSheet>" + b"<xf/>" * 1_000_000 + b"</styleSheet>"
    assert refusal_of(with_parts(workbook_of(["a"]), {STYLES: styles})) == "workbook_too_big"


class CountingStrings(sheet.SharedStrings):
    """Keeps the part of the workbook, to tell how far its strings were read."""

    def __init__(self, part):
        super().__init__(part)
        self.part = part


def test_shared_strings_are_read_only_as_far_as_cells_refer_to_them(monkeypatch):
    created = []
    monkeypatch.setattr(
        workbook, "SharedStrings", lambda part: created.append(CountingStrings(part)) or created[-1]
    )
    numbered = "".join(f"<si><t>text {number}</t></si>" for number in range(100_000))
    rich = "<si><r><t>李</t></r><r><t>小龙</t></r><rPh><t>lǐ</t></rPh></si>"
    rows = b'<row><c t="s"><v>0</v></c></row><row><c t="s"><v>99999</v></c></row>'
    rows = table.open_table(with_texts(rows, (rich + numbered).encode())).rows
    assert next(rows).cells[0] == "李小龙"
    assert created[0].part.tell() < MEBIBYTE / 2
    assert next(rows).cells[0] == "text 99998"


def test_a_reference_to_a_missing_shared_string_is_a_damaged_workbook():
    row = b'<row><c t="s"><v>1</v></c></row>'
    assert refusal_of(with_texts(row, b"<si><t>a</t></si>")) == "workbook"


def test_a_workbook_with_too_many_shared_strings_is_refused(monkeypatch):
    monkeypatch.setattr(sheet, "MAX_SHARED_STRINGS", 50_000)
    row = b'<row><c t="s"><v>%d</v></c></row>'
    texts = b"<si/>" * 49_999 + b"<si><t>a</t></si>" * 2
    assert refusal_of(with_texts(row % 50_000, texts)) == "workbook_too_big"
    [last] = table.open_table(with_texts(row % 49_999, texts)).rows
    assert last.cells[0] == "a", "the last one that is allowed"


def test_every_cell_of_a_shared_formula_has_a_value_of_its_own():
    shared = b'<row><c><f t="shared" si="0">A1&amp;B1</f><v>6</v></c></row>'
    follows = b'<row><c><f t="shared" si="0"/><v>7</v></c></row>'
    rows = table.open_table(with_sheet(shared + follows * 2)).rows
    assert [row.cells[0] for row in rows] == ["6", "7", "7"]


def test_dates_and_numbers_are_read_as_plain_text():
    day, moment = date(2027, 3, 1), datetime(2027, 3, 1, 9, 30)
    [row] = table.open_table(workbook_of([day, moment, 12.0, 1.5, True])).rows
    assert row.cells[:5] == ["2027-03-01", "2027-03-01T09:30:00", "12", "1.5", "True"]


def test_a_workbook_of_ten_thousand_rows_is_read_without_problems():
    rows = [["姓名", "手机"], *([f"李{n}", 18900000000 + n] for n in range(10_000))]
    people = list(plan.open_file(workbook_of(*rows)).parsed_rows)
    assert len(people) == 10_000
    assert not any(person.problems for person in people)


def test_rows_after_a_gap_keep_their_numbers_in_the_file():
    apart = HEADINGS + PERSON.replace(b"<row>", b'<row r="9">') + PERSON
    rows = table.open_table(with_sheet(apart)).rows
    assert [row.number for row in islice(rows, 3)] == [1, 9, 10]


BOMB = b'<!DOCTYPE x [<!ENTITY a "%s">%s]>' % (
    b"lol" * 10,
    b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)),
)
FOREIGN_FILE = b'<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declared", [BOMB, FOREIGN_FILE], ids=["bomb", "foreign file"])
def test_a_sheet_with_entities_is_refused(declared):
    row = HEADINGS + text_row("&j;", "18900003333")
    sheet_part = b'%s<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>'
    part = sheet_part % (declared, MAIN.encode(), row)
    assert refusal_of(with_parts(workbook_of(["a"]), {SHEET: part})) == "workbook"
    harmless = sheet_part % (b"", MAIN.encode(), HEADINGS + PERSON)
    rows = table.open_table(with_parts(workbook_of(["a"]), {SHEET: harmless})).rows
    assert len(list(rows)) == 2, "only the entities make the difference"
