"""How searches compare names and numbers. The board's script runs the same examples."""

import json
from pathlib import Path

import pytest

from jobs.candidates.contacts import digits_of_number
from jobs.candidates.names import fold_name, searchable_name

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "name_search.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["text"]))
def test_names_are_compared_without_accents_case_and_dots(vector: dict[str, str]) -> None:
    assert fold_name(vector["text"]) == vector["folded"]
    assert fold_name(vector["folded"]) == vector["folded"]


def test_the_parts_of_a_name_are_found_joined_too() -> None:
    assert searchable_name("买买提·艾力") == "买买提 艾力 买买提艾力"
    assert searchable_name("李小龙") == "李小龙"
    assert len(searchable_name("\ufdfa" * 120)) == 480, "one character that becomes 18"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+86 181-0000-7777", "8618100007777"),
        ("(181) 0000 7777", "18100007777"),
        ("\uff11\uff18\uff11", "181"),
        ("181–0000", "1810000"),
        ("0086 18100007777", "8618100007777"),
        ("77", ""),
        ("A-301", ""),
        ("181 x", ""),
        ("", ""),
    ],
)
def test_a_number_is_recognised_in_any_notation(text: str, digits: str) -> None:
    assert digits_of_number(text) == digits
