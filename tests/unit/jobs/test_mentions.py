"""A name is found in file names and e-mails, but not as a part of another word."""

import pytest

from jobs.privacy.mentions import mention_pattern

CHINESE, BRITISH, HONG_KONG = "+8613800138000", "+447911123456", "+85291234567"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王伟", "王伟简历.csv"),
        ("Li", "2026 LI.csv"),
        ("Zoë Li", "zoë li – import.xlsx"),
        ("li+jobs@example.com", "To: li+jobs@example.com"),
        (CHINESE, "call +8613800138000 now"),
        (CHINESE, "13800138000.csv"),
        (CHINESE, "王伟_138 0013 8000"),
        (CHINESE, "简历13800138000号"),
        (CHINESE, "0086138-0013-8000"),
        (CHINESE, "(+86) 138.0013.8000"),
        (CHINESE, "86 13800138000"),
        (BRITISH, "07911 123456"),
        (BRITISH, "+44 (0)7911 123 456"),
        (HONG_KONG, "9123 4567"),
        (HONG_KONG, "852-91234567"),
    ],
)
def test_a_name_or_contact_is_found(name: str, text: str) -> None:
    assert mention_pattern({name, "nobody"}).search(text)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ({"Li"}, "list.csv"),
        ({"13800138000"}, "213800138000"),
        (set(), "anything"),
        ({""}, "x"),
        ({CHINESE}, "213800138000"),
        ({CHINESE}, "138001380001"),
        ({CHINESE}, "13800138001"),
        ({HONG_KONG}, "191234567"),
    ],
)
def test_a_part_of_a_longer_word_is_not_found(names: set[str], text: str) -> None:
    assert not mention_pattern(names).search(text)
