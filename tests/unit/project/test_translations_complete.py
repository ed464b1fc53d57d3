"""The Chinese catalogue is complete, and its translations keep the placeholders."""

import re
from collections import Counter

import pytest
from babel.messages.catalog import Message

from project import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[ds]|%[ds]|\{[\w-]+\}")
LETTERS = re.compile(r"[A-Za-z]{2,}")
SAME_IN_CHINESE = {"Recruit Live", "API", "Mac Roman"}

ENTRIES = [message for message in translations.read_catalogue() if message.id]


def english_of(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def chinese_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_text_of_code_and_templates_is_translated():
    assert translations.find_problems() == []


@pytest.mark.parametrize("message", ENTRIES, ids=lambda message: str(message.id)[:60])
def test_a_translation_has_the_placeholders_of_its_original(message):
    wanted = Counter(PLACEHOLDER.findall(english_of(message)[-1]))
    for text in chinese_of(message):
        assert Counter(PLACEHOLDER.findall(text)) == wanted


def test_no_translation_repeats_the_english_text():
    left = [text for m in ENTRIES if m.string == m.id for text in english_of(m)]
    words = [text for text in left if LETTERS.search(PLACEHOLDER.sub("", text))]
    assert set(words) <= SAME_IN_CHINESE


def test_placeholders_have_no_full_width_characters():
    wide = [text for m in ENTRIES for text in chinese_of(m) if re.search(r"[％｛｝]", text)]
    assert wide == []


def test_no_blank_stands_between_a_chinese_character_and_a_name_or_number():
    """Browsers set the distance; a blank there is a habit of typing that only some texts had."""
    blank = re.compile(r"[\u4e00-\u9fff] [A-Za-z0-9]|[A-Za-z0-9] [\u4e00-\u9fff]")
    assert [text for m in ENTRIES for text in chinese_of(m) if blank.search(text)] == []
