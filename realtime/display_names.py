"""How people are named on screens: in full, in short, and masked where strangers may look."""

from __future__ import annotations

from typing import Any


def is_chinese(name: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)


def display_name(user: Any) -> str:
    """A person's name as colleagues write it: family name first, without a gap, in Chinese."""
    family, given = user.last_name, user.first_name
    if is_chinese(family + given):
        return f"{family}{given}"
    return f"{given} {family}".strip() or str(user.get_username())


def initials(user: Any) -> str:
    """Up to two letters for a round badge."""
    name = display_name(user)
    if is_chinese(name):
        return name[-2:] if len(name) > 2 else name[:2]
    return "".join(part[0] for part in name.split()[:2]).upper()


def masked(name: str) -> str:
    """A name for a wall screen: 王** for 王思远, A** R*** for Ana Ruiz."""
    return " ".join(part[0] + "*" * (len(part) - 1) for part in name.split())
