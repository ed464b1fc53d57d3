"""Display names: in full, as initials, and masked for wall screens."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

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
        ("Ana Ruiz", "A** R***"),
        ("O", "O"),
        ("  李  小龙 ", "李 小*"),
        ("", ""),
    ],
)
def test_a_masked_name_has_only_the_first_letter_of_each_part(name, shown):
    assert masked(name) == shown
