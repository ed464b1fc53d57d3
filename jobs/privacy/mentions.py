"""Finds a person's name, number or address in texts that hold no id."""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers

SEPARATORS = r"[\s().\-‐‑‒–—−]*"  # that people write between the digits of a number


def mention_pattern(texts: Collection[str]) -> re.Pattern[str]:
    """Returns a pattern that finds any of these texts, but not within a longer Latin word.

    "Li" is found in "Li.csv" and not in "list.csv"; "王伟" is found in "王伟简历.csv"; a number in
    E.164 in any notation, also without its country code. Finds nothing if there are no texts.
    """
    known = "|".join(_written(text) for text in sorted(texts, key=len, reverse=True) if text)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{known})(?![A-Za-z0-9])" if known else r"(?!)", re.I)


def _written(text: str) -> str:
    """Returns a pattern of a text: "+8613800138000" → 138 0013 8000, 0086-138… and the like."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return re.escape(text)
    national = SEPARATORS.join(phonenumbers.national_significant_number(number))
    country = SEPARATORS.join(str(number.country_code))
    # A 0 is written before the country code (00), and before many national numbers.
    return rf"\+?0*(?:{country}{SEPARATORS}0?{SEPARATORS})?{national}"
