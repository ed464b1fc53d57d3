"""Names of people: how they are stored, and texts that are no names."""

import pytest

from jobs.candidates.names import has_address, normalize_name


@pytest.mark.parametrize(
    ("entered", "stored"),
    [
        ("Ge\u0301za Ga\u0301rdonyi", "Géza Gárdonyi"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("李\u200b娜", "李娜"),
        ("买买提·艾力", "买买提·艾力"),
        ("ﾀﾅｶ", "ﾀﾅｶ"),
    ],
)
def test_a_name_is_stored_composed_with_single_blanks(entered: str, stored: str) -> None:
    assert normalize_name(entered) == stored


@pytest.mark.parametrize(
    "text",
    [
        *(
            "http://evil.example",
            "HTTPS://x",
            "Win at www.evil.example",
            "evil.com",
            "Evil.COM now",
        ),
        *(
            "mail me@example.org",
            "bit.ly/x",
            "加微信 赚钱。com",
            "ｅｖｉｌ．ｃｏｍ",
            "ev\u200bil.com",
        ),
        *("领奖 例子.中国", "a.b.xyz", "see evil.net.", "1.2.cn"),
    ],
)
def test_a_web_or_email_address_is_no_name(text: str) -> None:
    assert has_address(text)


@pytest.mark.parametrize(
    "name",
    [
        *("J. R. R. Tolkien", "J.R.R.Tolkien", "Dr. Sun", "St.John", "Ann.Smith", "李小龙"),
        *("Martin Luther King Jr.", "买买提·艾力", "O'Brien", "Ng, Anna", "A.Commons", "王 (小)"),
        "N. Et-Al",
    ],
)
def test_names_with_dots_are_names(name: str) -> None:
    assert not has_address(name)
