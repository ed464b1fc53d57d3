"""How people's names are shown: in full, as initials, and masked on public screens."""

from __future__ import annotations

import unicodedata
from typing import Any


def is_chinese(name: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)


def display_name(user: Any) -> str:
    """The full name of a user, as it is shown."""
    return full_name(user.last_name, user.first_name, str(user.get_username()))


def full_name(family: str, given: str, username: str) -> str:
    """王思远 (family name first, no blank) or Ana Ruiz; without a name, the username."""
    if is_chinese(family + given):
        return f"{family}{given}"
    return f"{given} {family}".strip() or username


def initials(user: Any) -> str:
    """Up to two characters for an avatar: 思远 for 王思远, AR for Ana Ruiz."""
    name = display_name(user)
    if is_chinese(name):
        return name[-2:] if len(name) > 2 else name[:2]
    return "".join(part[0] for part in name.split()[:2]).upper()


def masked(name: str) -> str:
    """A masked name for public screens: 王** for 王思远, A** **** for Ana Ruiz; "" for no name.

    It shows the first letter of the whole name, a star for each other letter, and always a star.
    Blanks inside a Chinese name are a habit of typing and left out.
    """
    words = [_letters(word) for word in unicodedata.normalize("NFC", name).split()]
    if not words:
        return ""
    hidden = ["*" * len(word) for word in words]
    hidden[0] = words[0][0] + hidden[0][1:]
    text = ("" if is_chinese(name) else " ").join(hidden)
    return text if "*" in text else f"{text}*"


def _letters(word: str) -> list[str]:
    """The letters of a word as readers count them: a mark belongs to the letter before it."""
    letters: list[str] = []
    for character in word:
        if letters and unicodedata.category(character).startswith("M"):
            letters[-1] += character
        else:
            letters.append(character)
    return letters
