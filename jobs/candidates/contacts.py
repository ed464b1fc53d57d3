"""Mobile numbers and e-mail addresses in the one form in which they are stored and compared."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DEFAULT_REGION = "CN"

# Excel shows a long number as 1.81E+10; all digits are there only if the mantissa has them.
SCIENTIFIC = re.compile(r"[+]?(\d(?:\.\d+)?)E[+]?(\d{1,2})", re.IGNORECASE)
WHOLE_WITH_FRACTION = re.compile(r"\d+\.0+")
ONLY_NUMBER = re.compile(r"[\d\s+().\-‐‑‒–—−]+")
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


class UnfitText(ValueError):
    """Not a mobile number or e-mail address. `code` says what is wrong, never the value itself."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def plain(text: str) -> str:
    """Without invisible characters and outer blanks; full-width letters made ordinary."""
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip()


def mobile_of(text: str) -> str:
    """The number in E.164 (+8618100009999), or "" for an empty text. A bare number is Chinese.

    Raises UnfitText("mobile") for no mobile number, UnfitText("mobile_rounded") for one whose
    last digits a spreadsheet has dropped.
    """
    number = _as_typed(plain(text))
    if not number:
        return ""
    if not ONLY_NUMBER.fullmatch(number):
        raise UnfitText("mobile")
    try:
        parsed = phonenumbers.parse(number, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        raise UnfitText("mobile") from None
    # "Possible", not "in use": new number ranges appear faster than tables of them.
    if not phonenumbers.is_possible_number_for_type(parsed, PhoneNumberType.MOBILE):
        raise UnfitText("mobile")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _as_typed(number: str) -> str:
    """Undo what spreadsheets do to long numbers."""
    if found := SCIENTIFIC.fullmatch(number):
        mantissa, exponent = found.groups()
        if len(mantissa.replace(".", "")) <= int(exponent):
            raise UnfitText("mobile_rounded")
        return str(int(Decimal(number)))
    if WHOLE_WITH_FRACTION.fullmatch(number):
        return number.partition(".")[0]
    return number


def email_of(text: str) -> str:
    """The address in lower case, or "" for an empty text. Raises UnfitText("email")."""
    address = plain(text).lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise UnfitText("email") from None
    return address
