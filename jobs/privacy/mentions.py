"""Finds a person's name, number or address in texts that hold no id."""

from __future__ import annotations

import re
from collections.abc import Collection


def mention_pattern(texts: Collection[str]) -> re.Pattern[str]:
    """Returns a pattern that finds any of these texts, but not within a longer Latin word.

    "Li" is found in "Li.csv" and not in "list.csv"; "王伟" is found in "王伟简历.csv". Finds
    nothing if there are no texts.
    """
    known = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True) if text)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{known})(?![A-Za-z0-9])" if known else r"(?!)", re.I)
