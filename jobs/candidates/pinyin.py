"""How a name is typed by those who search for it: its pinyin and the initials of that."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Surnames that are read otherwise than the same character in a word.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren",
    "朴": "piao", "翟": "zhai", "盖": "ge", "缪": "miao", "乐": "yue", "洗": "xian", "尉": "wei",
    "员": "yun", "种": "chong", "覃": "qin", "折": "she", "黑": "he", "秘": "bi", "召": "shao",
}  # fmt: skip
HANZI = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class NamePinyin:
    """Both in lower case without blanks: "lixiaolong" and "lxl"."""

    pinyin: str
    initials: str


def pinyin_of(name: str) -> NamePinyin:
    """The spelling of a Chinese or Western name."""
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
    # Its dictionary takes a third of the time that any process of the site needs to start.
    from pypinyin import lazy_pinyin

    return [syllable for syllable in lazy_pinyin(word) if syllable]
