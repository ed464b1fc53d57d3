"""Rules for people's names: how they are stored, and what is no name.

Services, forms, the API and imports use them.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from jobs.candidates.contacts import INVISIBLE, normalize_text

BLANKS = re.compile(r"\s+")
# Domains that people advertise. Not every domain: "Ann.Smith" is a name that somebody typed badly.
DOMAINS = (
    "com|net|org|edu|gov|int|cn|cc|io|co|me|tv|hk|tw|ru|de|uk|us|eu|info|biz|xyz|top|vip|club|site"
    "|online|shop|store|app|dev|link|live|work|icu|asia|中国|公司|网络|网址"
)
ADDRESS = re.compile(
    rf"[a-z]+://|\bwww\.|\S@[\w.-]+\.\w|\w\.(?:{DOMAINS})(?![\w.]*\w)|\w\.[a-z]{{2,}}[/?:]",
    re.IGNORECASE,
)


def normalize_name(text: str) -> str:
    """Returns a name as it is stored: in NFC, without invisible characters, with single blanks.

    macOS writes é as two characters; a search for one of both forms would not find the other.
    """
    composed = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    return BLANKS.sub(" ", composed).strip()


def has_address(name: str) -> bool:
    """True if a name contains a web or e-mail address, also in full-width characters.

    Names are shown to staff and in messages, where mail programs turn addresses into links.
    """
    return bool(ADDRESS.search(normalize_text(name).replace("。", ".")))


def refuse_addresses(name: str) -> None:
    """Validator for names. Raises ValidationError."""
    if has_address(name):
        raise ValidationError(address_in_name())


def address_in_name() -> str:
    return _("Enter a name, without web or e-mail addresses.")
