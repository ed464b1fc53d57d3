"""Normalises mobile numbers and e-mail addresses to the form that is stored and compared.

Services, the import, the application form and the admin use it.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DEFAULT_REGION = "CN"

# Excel writes long numbers as 1.81E+10. No digit is lost only if the mantissa has all of them.
SCIENTIFIC = re.compile(r"[+]?(\d(?:\.\d+)?)E[+]?(\d{1,2})", re.IGNORECASE)
WHOLE_WITH_FRACTION = re.compile(r"\d+\.0+")
ONLY_NUMBER = re.compile(r"[\d\s+().\-‐‑‒–—−]+")
# Control and format characters without a width. Vertical tab and form feed are blanks.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\xad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


class InvalidContact(ValueError):
    """The text is not a mobile number or e-mail address.

    `code` is "mobile", "mobile_rounded" or "email". The value itself is left out, for privacy.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def normalize_text(text: str) -> str:
    """Removes invisible characters and outer blanks, and applies NFKC (full-width → ASCII)."""
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip()


def normalize_mobile(text: str) -> str:
    """Returns the number in E.164 (+8618100009999), or "" for an empty text.

    A number without country code is Chinese. Raises InvalidContact("mobile") if the text is not a
    mobile number, InvalidContact("mobile_rounded") if a spreadsheet has dropped the last digits.
    """
    number = _undo_spreadsheet_format(normalize_text(text))
    if not number:
        return ""
    if not ONLY_NUMBER.fullmatch(number):
        raise InvalidContact("mobile")
    try:
        parsed = phonenumbers.parse(number, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        raise InvalidContact("mobile") from None
    # Checks the length, not the number range: new ranges appear faster than library updates.
    if not phonenumbers.is_possible_number_for_type(parsed, PhoneNumberType.MOBILE):
        raise InvalidContact("mobile")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _undo_spreadsheet_format(number: str) -> str:
    """Returns the digits of a number that a spreadsheet wrote as 1.81E+10 or 18100009999.0."""
    if found := SCIENTIFIC.fullmatch(number):
        mantissa, exponent = found.groups()
        if len(mantissa.replace(".", "")) <= int(exponent):
            raise InvalidContact("mobile_rounded")
        return str(int(Decimal(number)))
    if WHOLE_WITH_FRACTION.fullmatch(number):
        return number.partition(".")[0]
    return number


def normalize_email(text: str) -> str:
    """Returns the address in lower case, or "" for an empty text.

    Raises InvalidContact("email").
    """
    address = normalize_text(text).lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidContact("email") from None
    return address
