"""Names of people: how they are stored, and texts that are no names."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import thread_time

import pytest

from jobs.candidates.contacts import normalize_email, normalize_mobile
from jobs.candidates.names import fold_name, has_address, normalize_name
from jobs.imports.cells import means_nothing, parse_score
from jobs.imports.columns import heading_key


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


is_nothing = partial(means_nothing, "name")


def seconds_to_read(read: Callable[[str], object], text: str) -> float:
    """Returns the processor time, of three tries the shortest."""
    seconds = []
    for _ in range(3):
        started = thread_time()
        with suppress(ValueError):  # refused: the time counts all the same
            read(text)
        seconds.append(thread_time() - started)
    return min(seconds)


@pytest.mark.parametrize(
    ("part", "read"),
    [
        *((part, has_address) for part in ("a", "://", "www", "@a", ".com", "a.aa")),
        # Unicode has the two accents in the other order: they are sorted.
        *(("\u0301\u0323", read) for read in (normalize_name, fold_name, has_address)),
        *(("\u0301\u0323", read) for read in (normalize_mobile, normalize_email)),
        *(("\u0301\u0323", read) for read in (is_nothing, parse_score, heading_key)),
        *((part, heading_key) for part in ("(", "1、", "[")),
    ],
)
def test_a_text_of_100_000_characters_is_read_in_linear_time(
    part: str, read: Callable[[str], object]
) -> None:
    """Anybody may send one. Quadratic work takes 16 times as long for four times the characters."""
    quarter = 25_000 // len(part) * part
    assert seconds_to_read(read, 4 * quarter) < 8 * max(seconds_to_read(read, quarter), 0.001)


def test_only_the_first_characters_of_a_text_are_normalised_and_none_is_lost() -> None:
    text = "e\u0301" * 600
    assert normalize_name(text) == "é" * 500 + "e\u0301" * 100
