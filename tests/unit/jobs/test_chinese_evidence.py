"""Files of one row: Chinese ones are read as GB18030, and no others are."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from faker.providers.person import ja_JP, ko_KR, ru_RU, zh_CN, zh_TW

from jobs.imports.options import ENCODINGS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.encoding import decode


def full_names(provider: Any, every: int = 1) -> list[str]:
    """Returns every so manieth pair of surname and given name."""
    pairs = product(provider.last_names, provider.first_names)
    return ["".join(pair) for pair in list(pairs)[::every]]


SURNAMES, GIVEN = list(zh_CN.Provider.last_names)[:100], list(zh_CN.Provider.first_names)
CHINESE = list(map("".join, product(SURNAMES, GIVEN[::4])))
CHINESE += map("".join, product(SURNAMES[::4], GIVEN[::8], GIVEN[3::8]))
KOREAN = full_names(ko_KR.Provider)
JAPANESE = full_names(ja_JP.Provider)
TRADITIONAL = full_names(zh_TW.Provider, every=9)
RUSSIAN = [*ru_RU.Provider.first_names_male, *ru_RU.Provider.last_names_male]
WESTERN = ["Peña", "Désirée", "Müller", "Zoë", "Nuñez Ibáñez", "François", "Ångström", "Jürgen"]
WESTERN += ["ÄÖ", "Strauß", "Noël Ó Briain", "Björk Guðmundsdóttir", "São", "Inês", "Æsa", "Øyvind"]


def read_as(name: str, encoding: str, row: str = "name,mobile\n{},18100009999\n") -> str | None:
    """Returns the name as it is read from a file of one row; None if the file is refused."""
    try:
        content = row.format(name).encode(encoding)
        text = decode(content).open().read()
    except UnreadableFile:
        return None
    start, end = row.split("{}")
    return text.removeprefix(start).removesuffix(end)


def shares(names: list[str], encoding: str) -> tuple[float, list[str]]:
    """Returns the share of names that are read right, and those that are read wrong."""
    right, wrong, count = 0, [], 0
    for name in names:
        try:
            name.encode(encoding)
        except UnicodeEncodeError:
            continue  # this encoding has no such character
        count += 1
        found = read_as(name, encoding)
        right += found == name
        wrong += [f"{name} as {found}"] if found not in (name, None) else []
    assert count > 7, "the premise"
    return right / count, wrong


def test_names_of_chinese_files_of_one_row_are_read_or_asked_about() -> None:
    """If not even a heading is Chinese, one in six asks: the bytes are a foreign name as well."""
    right, wrong = shares(CHINESE, "gb18030")
    assert wrong == []
    assert right > 5 / 6, right


@pytest.mark.parametrize(
    "row",
    ["姓名,手机\n{},18100009999\n", "{},北京,18100009999\n", "{},18100009999,清华大学\n"],
)
def test_a_chinese_file_of_one_row_with_a_chinese_word_is_always_read(row: str) -> None:
    for name in (*CHINESE[::20], "李喆", "陈珺", "买买提·艾力", "哪"):
        assert read_as(name, "gb18030", row) == name


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (WESTERN, "windows-1252"),
        (WESTERN, "latin-1"),
        (WESTERN, "mac-roman"),
        (JAPANESE, "shift-jis"),
        (JAPANESE, "euc-jp"),
        (KOREAN, "euc-kr"),
        (TRADITIONAL, "big5"),
        (RUSSIAN, "windows-1251"),
    ],
)
def test_a_name_in_another_encoding_never_becomes_a_chinese_name(
    names: list[str], encoding: str
) -> None:
    """A few bytes are usual names in two encodings: Korean 주준영 is 林霖康. At most 1 in 2000."""
    _right, wrong = shares(names, encoding)
    assert len(wrong) <= len(names) / 2000, wrong


def test_a_name_in_utf_8_is_read() -> None:
    for name in (*WESTERN, *RUSSIAN, *KOREAN[::40], *JAPANESE[::40], *CHINESE[::40]):
        assert read_as(name, "utf-8") == name


SAMPLES = {
    "big5": "陳建宏,臺北",
    "shift-jis": "田中太郎,とうきょう",
    "euc-jp": "佐藤健一,とうきょう",
    "euc-kr": "김철수,서울대학교",
    "windows-1250": "Łukasz Żółć,Łódź",
    "windows-1251": "Иван Петров,Москва",
    "windows-1252": "Désirée Müller,Köln",
    "windows-1253": "Γιώργος,Αθήνα",
    "windows-1254": "Şükrü Yıldız,İzmir",
    "windows-1256": "محمد علي,القاهرة",
    "windows-1258": "Nguyễn,Huế".replace("ễ", "ê\u0303").replace("ế", "ê\u0301"),
    "cp874": "สมชาย,กรุงเทพ",
    "mac-roman": "Désirée Müller,Köln",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_that_is_offered_reads_its_own_files(encoding: str) -> None:
    text = f"name,city\n{SAMPLES.get(encoding, '李娜,北京')}\n"
    content = text.encode(encoding)
    assert decode(content, encoding).open().read() == text
    detected, named = detection_of(content)
    assert detected in (text, None)
    assert named in {None, *(str(label) for label in ENCODINGS.values())}, "it can be chosen"


def detection_of(content: bytes) -> tuple[str | None, str | None]:
    """Returns the text of a file, or the encoding that its refusal names; None for none."""
    try:
        return decode(content).open().read(), None
    except UnreadableFile as refused:
        return None, refused.problem.params.get("encoding")


def test_characters_for_private_use_are_no_chinese_text() -> None:
    content = "姓名,手机\n李\ue0a1,18100009999\n".encode("gb18030")
    with pytest.raises(UnreadableFile):
        decode(content)
