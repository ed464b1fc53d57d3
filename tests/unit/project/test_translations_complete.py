"""Every text is there in Chinese, says something, and keeps its placeholders."""

import re
from collections import Counter

import pytest
from babel.messages.catalog import Message

from project import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[ds]|%[ds]|\{[\w-]+\}")
LETTERS = re.compile(r"[A-Za-z]{2,}")
SAME_IN_CHINESE = {"Recruit Live", "API"}

ENTRIES = [message for message in translations.read() if message.id]


def english_of(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def chinese_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_no_text_of_code_or_templates_is_untranslated():
    assert translations.problems() == []


@pytest.mark.parametrize("message", ENTRIES, ids=lambda message: str(message.id)[:60])
def test_a_translation_has_the_placeholders_of_its_original(message):
    wanted = Counter(PLACEHOLDER.findall(english_of(message)[-1]))
    for text in chinese_of(message):
        assert Counter(PLACEHOLDER.findall(text)) == wanted


def test_no_translation_is_its_english_original():
    left = [text for m in ENTRIES if m.string == m.id for text in english_of(m)]
    words = [text for text in left if LETTERS.search(PLACEHOLDER.sub("", text))]
    assert set(words) <= SAME_IN_CHINESE


def test_no_placeholder_is_of_the_kind_that_its_place_cannot_fill():
    wide = [text for m in ENTRIES for text in chinese_of(m) if re.search(r"[％｛｝]", text)]
    assert wide == []
