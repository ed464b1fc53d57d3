"""Display names: in full, as initials, and masked for wall screens."""

from __future__ import annotations

import unicodedata
from itertools import takewhile
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.display_names import display_name, initials, masked


def person(family: str, given: str, username: str = "somebody"):
    return SimpleNamespace(last_name=family, first_name=given, get_username=lambda: username)


@pytest.mark.parametrize(
    ("family", "given", "shown", "short"),
    [
        ("林", "岚", "林岚", "林岚"),
        ("欧阳", "修远", "欧阳修远", "修远"),
        ("Clarke", "Emma", "Emma Clarke", "EC"),
        ("", "Admin", "Admin", "A"),
        ("", "", "somebody", "S"),
    ],
)
def test_a_user_has_a_full_name_and_initials_in_the_order_of_the_script(
    family, given, shown, short
):
    assert display_name(person(family, given)) == shown
    assert initials(person(family, given)) == short


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王思远", "王**"),
        ("何静", "何*"),
        ("李 明", "李*"),
        ("王　芳", "王*"),
        ("  李  小龙 ", "李**"),
        ("Ana Ruiz", "A** ****"),
        ("J", "J*"),
        ("J R", "J *"),
        ("Ångström", "Å*******"),
        ("A\u030angström", "Å*******"),
        ("Đặng Thùy Trâm", "Đ*** **** ****"),
        ("김민준", "김**"),
        ("สมชาย", "ส****"),
        ("محمد", "م***"),
        ("𠮷田", "𠮷*"),
        ("", ""),
        (" \u3000", ""),
    ],
)
def test_a_masked_name_shows_the_first_letter_of_the_whole_name_and_a_star(name, shown):
    assert masked(name) == shown


@given(st.text(max_size=20))
def test_no_more_of_any_name_is_shown_than_its_first_letter(name):
    shown = masked(name)
    if not name.split():
        assert shown == ""
        return
    assert "*" in shown
    letter, *rest = unicodedata.normalize("NFC", shown)
    marks = takewhile(lambda one: unicodedata.category(one).startswith("M"), rest)
    assert set(rest[len(list(marks)) :]) <= {"*", " "}
    assert unicodedata.normalize("NFC", name).lstrip().startswith(letter)
