"""A name is found in file names and e-mails, but not as a part of another word."""

import pytest

from jobs.privacy.mentions import mention_pattern


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王伟", "王伟简历.csv"),
        ("Li", "2026 LI.csv"),
        ("Zoë Li", "zoë li – import.xlsx"),
        ("li+jobs@example.com", "To: li+jobs@example.com"),
        ("+8613800138000", "call +8613800138000 now"),
    ],
)
def test_a_name_or_contact_is_found(name: str, text: str) -> None:
    assert mention_pattern({name, "nobody"}).search(text)


@pytest.mark.parametrize(
    ("names", "text"),
    [({"Li"}, "list.csv"), ({"13800138000"}, "213800138000"), (set(), "anything"), ({""}, "x")],
)
def test_a_part_of_a_longer_word_is_not_found(names: set[str], text: str) -> None:
    assert not mention_pattern(names).search(text)
