"""The list of ASVS items in the security document is complete and names tests that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENT = ROOT / "deploy" / "docs" / "security.md"
ITEM = re.compile(r"^\| (\d+\.\d+\.\d+) \| .+ \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(test_\w+)`")
SETTING = re.compile(r"`([A-Z_]+)=[^`]+`")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)
UNMET = {"2.3.2", "4.3.1", "6.1.1", "6.1.2", "6.1.3"}
UNMET_BY_DEFAULT = {"3.3.2"}

# OWASP ASVS 4.0.3: last item of each section, and those that are deleted or of level 3 only.
LAST_ITEMS = {
    "1.1": 7, "1.2": 4, "1.4": 5, "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1,
    "1.11": 2, "1.12": 2, "1.14": 6,
    "2.1": 12, "2.2": 3, "2.3": 3, "2.4": 6, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3,
    "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.7": 1,
    "4.1": 5, "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4,
    "6.1": 3, "6.2": 6, "6.3": 2, "6.4": 2,
    "7.1": 4, "7.2": 2, "7.3": 4, "7.4": 3,
    "8.1": 4, "8.2": 3, "8.3": 8,
    "9.1": 3, "9.2": 4,
    "10.2": 2, "10.3": 3,
    "11.1": 8,
    "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1,
    "13.1": 5, "13.2": 6, "13.3": 2, "13.4": 2,
    "14.1": 4, "14.2": 6, "14.3": 3, "14.4": 7, "14.5": 4,
}  # fmt: skip
DELETED = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


@pytest.fixture(scope="module")
def items() -> dict[str, str]:
    found = ITEM.findall(DOCUMENT.read_text())
    assert len(dict(found)) == len(found), "no item twice"
    return dict(found)


def test_every_item_of_level_2_is_in_the_list(items: dict[str, str]) -> None:
    wanted = {f"{part}.{n}" for part, last in LAST_ITEMS.items() for n in range(1, last + 1)}
    assert set(items) == wanted - DELETED


def test_every_test_that_the_list_names_exists(items: dict[str, str]) -> None:
    defined: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        defined |= {path.stem, *DEFINED.findall(path.read_text())}
    missing = {test for how in items.values() for test in TEST.findall(how)} - defined
    assert missing == set()


def test_only_second_factor_encryption_at_rest_and_short_sessions_are_unmet(
    items: dict[str, str],
) -> None:
    unmet = {item for item, how in items.items() if how.startswith(("not met", "not by the"))}
    assert unmet | {"6.1.2", "6.1.3"} == UNMET | UNMET_BY_DEFAULT


def test_an_item_that_is_unmet_by_default_names_the_settings_that_meet_it(
    items: dict[str, str],
) -> None:
    by_default = {item for item, how in items.items() if how.startswith("not met by default: ")}
    assert by_default == UNMET_BY_DEFAULT
    published = (DOCUMENT.parent / "configuration.md").read_text()
    for item in by_default:
        settings_of = SETTING.findall(items[item])
        assert settings_of
        assert all(f"| `{name}` |" in published for name in settings_of)
