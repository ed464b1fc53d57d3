"""Rules for people's names: how they are stored, and what is no name.

Services, forms, the API and imports use them.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from jobs.candidates.contacts import (
    INVISIBLE,
    MAX_NORMALIZED,
    normalize_text,
    normalize_unicode,
)

ACCENTS = re.compile(r"[\u0300-\u036f]")  # of letters; marks of other scripts are vowels
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
APOSTROPHES = re.compile(r"['’‘ʼ`´＇]")
SEPARATORS = re.compile(r"[\s·・•‧∙⋅･ㆍ᛫.．。,，、\-‐‑‒–—−－_]+")
SEARCHABLE_LENGTH = 480  # of Candidate.search_name
BLANKS = re.compile(r"\s+")
# Domains that people advertise. Not every domain: "Ann.Smith" is a name that somebody typed badly.
DOMAINS = (
    "com|net|org|edu|gov|int|cn|cc|io|co|me|tv|hk|tw|ru|de|uk|us|eu|info|biz|xyz|top|vip|club|site"
    "|online|shop|store|app|dev|link|live|work|icu|asia|中国|公司|网络|网址"
)
ADDRESS = re.compile(
    rf"[a-z]://|\bwww\.|\S@[\w.-]+\.\w|\w\.(?:{DOMAINS})(?![\w.]*\w)|\w\.[a-z]{{2,}}[/?:]",
    re.IGNORECASE,
)


def normalize_name(text: str) -> str:
    """Returns a name as it is stored: in NFC, without invisible characters, with single blanks.

    macOS writes é as two characters; a search for one of both forms would not find the other.
    """
    composed = normalize_unicode("NFC", INVISIBLE.sub("", text))
    return BLANKS.sub(" ", composed).strip()


def fold_name(text: str) -> str:
    """Returns a name, or a search for one, as searches compare it.

    In lower case, without accents and apostrophes, and with a blank for each dot or dash between
    its parts: "Géza Gárdonyi" → "geza gardonyi", "买买提·艾力" → "买买提 艾力". The board's script
    has the same rule (`interview/static/interview/board/model/name-search.js`), and both have the
    examples of `tests/vectors/name_search.json`.
    """
    decomposed = normalize_unicode("NFKD", INVISIBLE.sub("", APOSTROPHES.sub("", text)))
    plain = normalize_unicode("NFC", ACCENTS.sub("", decomposed)).casefold()
    return SEPARATORS.sub(" ", plain.translate(UNDECOMPOSED)).strip()


def searchable_name(name: str) -> str:
    """Returns the text in which words of a search are looked for: the parts, and all joined."""
    folded = fold_name(name)
    joined = folded.replace(" ", "")
    text = folded if joined == folded else f"{folded} {joined}"
    return text[:SEARCHABLE_LENGTH]  # a ligature may become many letters


def has_address(name: str) -> bool:
    """True if a name contains a web or e-mail address, also in full-width characters.

    Names are shown to staff and in messages, where mail programs turn addresses into links.
    """
    # A longer text is no name for its length, and the search takes quadratic time.
    start = normalize_text(name[:MAX_NORMALIZED]).replace("。", ".")
    return bool(ADDRESS.search(start))


def refuse_addresses(name: str) -> None:
    """Validator for names. Raises ValidationError."""
    if has_address(name):
        raise ValidationError(address_in_name())


def address_in_name() -> str:
    return _("Enter a name, without web or e-mail addresses.")
