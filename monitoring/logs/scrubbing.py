"""Removes personal data and secrets from values, for the logs and for Sentry.

Addresses, numbers and tokens are recognised by their shape. A name looks like any other word; it is
recognised only by its key, so free text that may contain one must not be logged in the first place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FILTERED = "[Filtered]"

PRIVATE_KEY = re.compile(
    r"""(^|[_.\- ])(
        ((first|last|full|family|given|display|candidate|user|person|nick|real)[_\- ]?)?names?
        | candidate | e?-?mails? | phones? | mobiles? | tel(ephone)? | wechat | birthday | id_?card
        | ((remote|client|ip)_)?addr(ess)? | ip
        | cookies? | headers? | query(_?string)? | params | body | vars
        | authorization | signature | sign | dsn | webhook
        | \w*(password|passwd|secret|token|ticket|csrf|session|credential|api_?key)\w*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)

# The first group of a pattern is kept: it shows what kind of value was removed.
SHAPES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\bDETAIL:\s).*(?:\n.*)*",  # PostgreSQL quotes the row
        r"(\bKey \([^()]*\)=)\(.*?\)(?= |$)",
        r"(\bFailing row contains )\(.*\)",
        r"(\b(?:(?:set-)?cookie|authorization)['\"]?\s*[=:]\s*)[^\r\n]+",  # headers, whole
        r"(\b(?:Bearer|Basic|Token)\s+)[\w.~+/=-]{8,}",
        r"(\w://)[^\s/@'\"]+(?=@)",  # a password in an address
        r"(/(?:calendar|my-application|reset|ticket)s?/)[^\s/?#'\"<>]+",
        r"(\?)[^\s?'\"<>]*=[^\s'\"<>]*",  # a query string
        r"(\b(?:sign|signature|(?=\w*(?:token|ticket|secret|password|sessionid|csrf|cookie))\w++)"
        r"['\"]?\s*[=:]\s*)[^\s&;,]+",
        r"()(?!\bcelery@)(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d][\w-]+",  # e-mail
        # Chinese has no spaces, so a number may directly follow a word.
        r"()(?<![a-z0-9_.-])\d{17}[\dX](?![a-z0-9_])",  # identity card
        r"()(?<![a-z0-9_.-])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![a-z0-9_]|\.\d)",
        r"()(?<![a-z0-9_])\+\d{1,3}(?:[ -]?\(?\d{2,4}\)?){2,5}(?![a-z0-9_])",
        r"()(?<![a-z0-9_.-])0\d{2,3}-\d{7,8}(?![a-z0-9_-])",  # of an office
    )
]

# Every shape contains at least one of these. Most lines contain none and need a single search.
SIGNS = re.compile(r"[@=:?(/+]|\d{3}|bearer|basic|token", re.IGNORECASE)


def scrub(value: Any) -> Any:
    """A copy of the value with personal data and secrets replaced by FILTERED."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {
            scrub_text(key) if isinstance(key, str) else key: (
                FILTERED if _is_private(key, held) else scrub(held)
            )
            for key, held in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(held) for held in value]
    if isinstance(value, bytes):
        return FILTERED
    return value


def scrub_text(text: str) -> str:
    if not SIGNS.search(text):
        return text
    for shape in SHAPES:
        text = shape.sub(rf"\g<1>{FILTERED}", text)
    return text


def _is_private(key: object, held: object) -> bool:
    """Whether a value is private because of its key. None is not: that there is nothing is safe."""
    return held is not None and isinstance(key, str) and PRIVATE_KEY.search(key) is not None
