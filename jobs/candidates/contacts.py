"""Normalises mobile numbers and e-mail addresses to the form that is stored and compared.

Services, the import, the application form and the admin use it.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email as django_validate_email
from phonenumbers import PhoneNumberFormat, PhoneNumberType

DEFAULT_REGION = "CN"
NormalForm = Literal["NFC", "NFD", "NFKC", "NFKD"]

# Excel writes long numbers as 1.81E+10. No digit is lost only if the mantissa has all of them.
SCIENTIFIC = re.compile(r"[+]?(\d(?:\.\d+)?)E[+]?(\d{1,2})", re.IGNORECASE)
WHOLE_WITH_FRACTION = re.compile(r"\d+\.0+")
ONLY_NUMBER = re.compile(r"[\d\s+().\-‐‑‒–—−]+")
# Control and format characters without a width. Vertical tab and form feed are blanks.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\xad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


# The full stops of Chinese keyboards; in a domain, IDNA reads them as dots too (RFC 5895).
FULL_STOPS = str.maketrans("。｡", "..")
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs")
IGNORABLE = re.compile(r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u3164\ufe00-\ufe0f\uffa0]")
IN_ANGLE_BRACKETS = re.compile(r"[^<>@]*<([^<>]*)>\W*")  # Bruce Lee <bruce@example.com>
BEFORE_ADDRESS = re.compile(r"""^(?:[\s"'`,.:;、(\[{<“”‘’「」『』《》〈〉【】]|mailto:)+""")
PLAIN_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]")
MAX_NORMALIZED = 1_000  # characters; no name and no contact is longer
MAX_DOMAIN = 253  # characters, RFC 1035; in Unicode a domain is never longer than in ASCII
MAX_LOCAL, MAX_ADDRESS = 64, 254  # characters, RFC 5321 with erratum 1690 of RFC 3696
ADDRESS_SIGN = re.compile(r"\w@\w")
# A sentence that goes on after the full stop: bruce@example.com。谢谢
TEXT_AFTER_DOMAIN = re.compile(r"\.(?:com|cn|net|org|edu|gov)\.[^\x00-\x7f]")


class InvalidContact(ValueError):
    """The text is not a mobile number or e-mail address.

    `code` is "mobile", "mobile_rounded", "email", or "emails" for several addresses. The value
    itself is left out, for privacy.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def normalize_unicode(form: NormalForm, text: str) -> str:
    """Returns the text in a Unicode normal form; after MAX_NORMALIZED characters it is unchanged.

    Unicode sorts the accents after a letter, which takes quadratic time: 100 000 accents, that
    anybody can send in a form, would keep a server busy for seconds.
    """
    return unicodedata.normalize(form, text[:MAX_NORMALIZED]) + text[MAX_NORMALIZED:]


def normalize_text(text: str) -> str:
    """Removes invisible characters and outer blanks, and applies NFKC (full-width → ASCII)."""
    return normalize_unicode("NFKC", INVISIBLE.sub("", text)).strip()


def digits_of_number(text: str) -> str:
    """Returns the digits of a search for a mobile number, in any notation; "" for other texts.

    Three digits at least: "(181) 0000-7777" → "18100007777", "0086 181" → "86181".
    """
    number = normalize_text(text)
    digits = re.sub(r"\D", "", number)
    if len(digits) < 3 or not ONLY_NUMBER.fullmatch(number):
        return ""
    return digits.removeprefix("00")


def normalize_mobile(text: str) -> str:
    """Returns the number in E.164 (+8618100009999), or "" for an empty text.

    A number without country code is Chinese. An apostrophe in front, with which spreadsheets keep
    numbers as text, is removed. Raises InvalidContact("mobile") if the text is not a
    mobile number, InvalidContact("mobile_rounded") if a spreadsheet has dropped the last digits.
    """
    number = _undo_spreadsheet_format(normalize_text(text).lstrip("'"))
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


def normalize_email(text: str, *, allow_local: bool = False) -> str:
    """Returns the address in lower case with its domain in Unicode, or "" for an empty text.

    Full-width characters become ASCII; invisible characters, punctuation around the address, a
    name before `<address>` and `mailto:` are removed.

    allow_local  accepts domains that only a local network knows, such as staff@mail.local

    Raises InvalidContact("emails") for several addresses, else InvalidContact("email").
    """
    if PLAIN_ADDRESS.fullmatch(text):
        address = text  # as nearly all are: an import has fifty thousand
    elif visible := _visible(text):
        address = _bare_address(visible)
    else:
        return ""
    if len(ADDRESS_SIGN.findall(address)) > 1:
        raise InvalidContact("emails")
    if "@" not in address or TEXT_AFTER_DOMAIN.search(address):
        raise InvalidContact("email")
    if allow_local and address.isascii():
        return _as_django_accepts(address)
    return _validated(address)[0]


def deliverable_email(text: str) -> str:
    """Returns the normalised address with its domain in ASCII (IDNA 2008), as SMTP needs it.

    Accepts local domains. Raises InvalidContact, also for an empty text.
    """
    address = normalize_email(text, allow_local=True)
    if not address:
        raise InvalidContact("email")
    return address if address.isascii() else _validated(address)[1]


def _validated(address: str) -> tuple[str, str]:
    """Returns the address with its domain in Unicode, and in ASCII. Raises InvalidContact."""
    local, _at, domain = address.rpartition("@")
    domains = _validated_domain(domain) if len(domain) <= MAX_DOMAIN else None
    if domains is None or len(local) > MAX_LOCAL or local.startswith('"'):
        raise InvalidContact("email")
    normalized, in_ascii = (f"{local}@{domain}" for domain in domains)
    if len(in_ascii) > MAX_ADDRESS:
        raise InvalidContact("email")
    return normalized, _as_django_accepts(in_ascii)


@lru_cache(maxsize=2_000)  # most addresses of a file share a few domains
def _validated_domain(domain: str) -> tuple[str, str] | None:
    """Returns the domain in Unicode and in ASCII (IDNA 2008), or None if it is not valid."""
    from email_validator import EmailNotValidError, validate_email  # slow to load

    try:
        # Without a lookup of the domain: it would block, and fail with the network.
        found = validate_email(f"x@{domain}", check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.domain, str(found.ascii_domain)


def _as_django_accepts(address: str) -> str:
    """Returns the address. Raises InvalidContact if the model's validator would refuse it."""
    try:
        django_validate_email(address)
    except ValidationError:
        raise InvalidContact("email") from None
    return address


def _visible(text: str) -> str:
    """Returns the text in NFKC without format and control characters and outer blanks."""
    seen = (one for one in text if one.isspace() or unicodedata.category(one) not in UNSEEN)
    return normalize_unicode("NFKC", IGNORABLE.sub("", "".join(seen))).strip()


def _bare_address(text: str) -> str:
    """Returns the address in lower case, without what people and programs write around it."""
    address = text.translate(FULL_STOPS).lower()
    if found := IN_ANGLE_BRACKETS.fullmatch(address):
        address = found[1]
    address = BEFORE_ADDRESS.sub("", address.strip())
    end = len(address)
    while end and _is_punctuation(address[end - 1]):
        end -= 1
    return address[:end]


def _is_punctuation(character: str) -> bool:
    """True for what no domain ends with, except a second @, which is an error."""
    is_mark = unicodedata.category(character)[0] in "PSZ" or character.isspace()
    return is_mark and character != "@"
