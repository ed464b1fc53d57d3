"""Decoding of CSV files, and the messages for bytes that cannot be decoded."""

from pathlib import Path

import pytest

from jobs.imports.problems import UnreadableFile
from jobs.imports.readers import encoding as text_encoding

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
TEXT = "姓名,手机\n李小龙,18900003333\n陈欣欣,18600001111\n"


def decode(content, encoding=""):
    return text_encoding.decode(content, encoding).open().read()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_chinese_text_is_decoded_from_every_common_encoding(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT


def test_the_course_file_is_gbk_with_lone_carriage_returns():
    text = decode(COURSE_FILE.read_bytes())
    assert text.startswith("刘倩;北京;18100009999")
    assert text.count("\r") == 3
    assert "\n" not in text


def test_a_short_gbk_file_with_a_rare_character_is_accepted():
    text = "name,mobile\n李喆,18100009999\n"
    assert decode(text.encode("gbk")) == text


def test_a_gbk_file_with_traditional_characters_is_accepted():
    text = "姓名;城市;手機\n劉德華;臺北;18100009999\n陳欣欣;高雄;18600001111\n"
    assert decode(text.encode("gbk")) == text


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_text_is_reported_as_empty(content):
    assert problem_of(content).code == "empty"


@pytest.mark.parametrize(
    ("encoding", "row", "byte"), [("utf-8", 2, 21), ("gb18030", 2, 15), ("utf-16", 2, 19)]
)
def test_a_file_cut_within_a_character_is_reported_by_row_and_byte(encoding, row, byte):
    problem = problem_of("姓名,手机\n李小龙".encode(encoding)[:-1])
    assert (problem.code, problem.row, problem.params) == ("cut", row, {"byte": byte})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,city\nJosé,Málaga\n", "latin-1"),
        ("name,mobile\nMüller,18100009999\n", "latin-1"),
        ("姓名;城市\n劉德華;臺北\n陳欣欣;高雄\n李小龍;臺中\n", "big5"),
        ("氏名;都市\n田中太郎;とうきょう\nスズキ;オオサカ\n", "shift_jis"),
    ],
)
def test_text_in_another_encoding_is_refused_instead_of_misread(text, encoding):
    assert problem_of(text.encode(encoding)).code in {"encoding", "other_encoding"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
        b"%PDF-1.4\n\x00\x01\x02binary",
        b"name,mobile\nBruce\x00Lee,1\n",
        b"name,mobile\nBruce\x07Lee,1\n",
    ],
)
def test_a_binary_file_is_refused_with_the_position_of_the_byte(content):
    problem = problem_of(content)
    assert problem.code == "binary"
    assert problem.params["byte"] > 0


def problem_of(content):
    with pytest.raises(UnreadableFile) as refused:
        decode(content)
    return refused.value.problem
