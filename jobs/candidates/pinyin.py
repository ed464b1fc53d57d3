"""Pinyin of names, so that people can search for 李小龙 by "lixiaolong" or "lxl"."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Surnames whose reading differs from that of the same character in ordinary words.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren",
    "朴": "piao", "翟": "zhai", "盖": "ge", "缪": "miao", "乐": "yue", "洗": "xian", "尉": "wei",
    "员": "yun", "种": "chong", "覃": "qin", "折": "she", "黑": "he", "秘": "bi", "召": "shao",
}  # fmt: skip
HANZI = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class NamePinyin:
    """The pinyin of a name and its initials, in lower case without blanks."""

    pinyin: str
    initials: str


def pinyin_of(name: str) -> NamePinyin:
    """Returns the pinyin of a Chinese name; a Western name is only lower-cased and joined."""
    syllables = [syllable.lower() for word in WORD.findall(name) for syllable in _syllables(word)]
    if syllables and name.strip()[0] in SURNAMES and not name.startswith("尉迟"):
        syllables[0] = SURNAMES[name.strip()[0]]
    return NamePinyin(
        pinyin="".join(syllables)[:240],
        initials="".join(syllable[0] for syllable in syllables)[:60],
    )


def _syllables(word: str) -> list[str]:
    if not HANZI.match(word):
        return [word]
    # Imported here: its dictionary would add a third to the start-up time of every process.
    from pypinyin import lazy_pinyin

    return [syllable for syllable in lazy_pinyin(word) if syllable]
