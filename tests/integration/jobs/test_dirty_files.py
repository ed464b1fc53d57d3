"""Imports of real-world dirty files: encodings, separators, rounded numbers, damaged workbooks."""

import io
from pathlib import Path

import openpyxl
import pytest

from jobs.candidates.services import candidate_create
from jobs.imports import runs
from jobs.imports.problems import UnreadableFile
from jobs.models import Candidate

pytestmark = pytest.mark.django_db

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
TEXT = "姓名,手机,邮箱,笔试成绩\n李小龙,18900003333,lee@example.com,68\n陈欣欣,18600001111,,75\n"
ENGLISH = "Written score,E-mail,Mobile,Name\n68,lee@example.com,18900003333,李小龙\n"
MANY = "姓名,手机\n" + "".join(f"李{n},1890000{n:04d}\n" for n in range(2_500))


def workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["姓名", "手机", "笔试成绩"], ["李小龙", 18900003333, 68.0], ["陈", "=1+1", None]):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def one_row(name="李小龙", mobile="18900003333", email="", score="68"):
    return f"姓名,手机,邮箱,笔试成绩\n{name},{mobile},{email},{score}\n".encode()


# Name → (content, (new, known, repeated, bad)). The candidate 已知 with the mobile number
# 18711119999 and the e-mail address known@example.com exists already.
FILES = {
    "the course file": (COURSE_FILE.read_bytes(), (4, 0, 0, 0)),
    "UTF-8": (TEXT.encode(), (2, 0, 0, 0)),
    "UTF-8 with byte order mark": (TEXT.encode("utf-8-sig"), (2, 0, 0, 0)),
    "GBK": (TEXT.encode("gbk"), (2, 0, 0, 0)),
    "GB18030": (TEXT.replace("欣", "㐂").encode("gb18030"), (2, 0, 0, 0)),
    "UTF-16 from Excel": (TEXT.replace(",", "\t").encode("utf-16"), (2, 0, 0, 0)),
    "semicolons": (TEXT.replace(",", ";").encode(), (2, 0, 0, 0)),
    "tabs": (TEXT.replace(",", "\t").encode(), (2, 0, 0, 0)),
    "CR": (TEXT.replace("\n", "\r").encode(), (2, 0, 0, 0)),
    "CRLF": (TEXT.replace("\n", "\r\n").encode(), (2, 0, 0, 0)),
    "English headings in another order": (ENGLISH.encode(), (1, 0, 0, 0)),
    "a workbook with a formula": (workbook(), (1, 0, 0, 1)),
    "+86": (one_row(mobile="+8618900003333"), (1, 0, 0, 0)),
    "blanks and dashes": (one_row(mobile=" 189-0000 3333 "), (1, 0, 0, 0)),
    "full-width digits": (one_row(mobile="１８９００００３３３３"), (1, 0, 0, 0)),
    "scientific notation": (one_row(mobile="1.8900003333E+10"), (1, 0, 0, 0)),
    "scientific notation, rounded": (one_row(mobile="1.89E+10"), (0, 0, 0, 1)),
    "score 100": (one_row(score="100"), (1, 0, 0, 0)),
    "score 101": (one_row(score="101"), (0, 0, 0, 1)),
    "empty cells": (one_row(score=""), (1, 0, 0, 0)),
    "no name": (one_row(name=""), (0, 0, 0, 1)),
    "no contact": (one_row(mobile=""), (0, 0, 0, 1)),
    "the same person twice": (TEXT.encode() + "李,+86 18900003333,,\n".encode(), (2, 0, 1, 0)),
    "known by mobile": (one_row(mobile="18711119999"), (0, 1, 0, 0)),
    "known by e-mail": (one_row(mobile="", email="KNOWN@example.com"), (0, 1, 0, 0)),
    "a formula for a name": (one_row(name="=HYPERLINK(1)"), (1, 0, 0, 0)),
    "thousands of rows": (MANY.encode(), (2_500, 0, 0, 0)),
}
UNREADABLE = {
    "empty": (b"", "empty"),
    "headings only": ("姓名,手机\n".encode(), "no_rows"),
    "cut within a character": (TEXT.encode("gbk")[:-1] + "陈".encode("gbk")[:1], "cut"),
    "another encoding": ("氏名;都市\n田中;とうきょう\nスズキ;オオサカ\n".encode("shift_jis"), ""),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old_excel"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "other_format"),
}


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def imported(content, campaign):
    run = runs.import_run_create(
        content=content, file_name="people.csv", campaign=campaign, owner=None, has_all_rights=True
    )
    return run if run.bad == run.total else runs.import_run_apply(run=run, has_all_rights=True)


@pytest.mark.parametrize("name", FILES)
def test_each_dirty_file_is_imported_correctly_and_again_without_duplicates(name, campaign):
    candidate_create(name="已知", mobile="18711119999", email="known@example.com")
    content, (new, known, repeated, bad) = FILES[name]
    run = imported(content, campaign)
    assert (run.new, run.known, run.repeated, run.bad) == (new, known, repeated, bad)
    before = list(Candidate.objects.order_by("pk").values())
    assert len(before) == 1 + new
    again = imported(content, campaign)
    assert (again.new, again.known, again.bad) == (0, new + known + repeated, bad)
    assert list(Candidate.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", UNREADABLE)
def test_each_unreadable_file_is_refused_with_a_reason_and_not_stored(name, campaign):
    content, code = UNREADABLE[name]
    with pytest.raises(UnreadableFile) as refused:
        imported(content, campaign)
    assert str(refused.value)
    assert refused.value.problem.code == code or not code
    assert not campaign.imports.exists()
