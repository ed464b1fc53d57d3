"""The rate limits and their defaults, and the parser of RATE_LIMITS.

Imported by the environment settings, so before Django is set up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from realtime.rate_limiter import UNIT_SECONDS, Rate

RATE = re.compile(rf"([1-9][0-9]{{0,6}})/({'|'.join(UNIT_SECONDS)})")
OFF = "off"
Limits = Mapping[str, Rate | None]


# By scope, which is also the label of the metric. Signed-in requests are counted per person,
# anonymous ones per address; a whole campus may share one address.
DEFAULTS = {
    "anonymous_burst": "60/min",  # of the API
    "anonymous_day": "3000/day",
    "personal_burst": "600/min",  # ten a second: people do not click that fast, scripts may
    "personal_day": "100000/day",
    "sign_in": "120/min",  # a whole office in the morning; guessing is locked out much earlier
    "password_reset": "5/hour",  # e-mails to one account
    "apply": "30/min",
    "resume": "60/min",
    "upload": "300/day",  # files, of a person or an address
    "search": "120/min",  # with free text
    "export": "20/min",
}


def limits_from(text: str) -> dict[str, Rate | None]:
    """The limits by scope: the defaults, changed by the setting. None: no limit.

    text: `off` for no limits at all, or for example `sign_in=10/min,export=off`
    Raises ValueError, which names the scope and the reason.
    """
    if text.strip() == OFF:
        return dict.fromkeys(DEFAULTS)
    limits = {scope: _rate(scope, default) for scope, default in DEFAULTS.items()}
    for part in filter(None, map(str.strip, text.split(","))):
        scope, _, rate = map(str.strip, part.partition("="))
        if scope not in DEFAULTS:
            raise ValueError(f"unknown scope '{scope}'; use one of {', '.join(DEFAULTS)}")
        limits[scope] = _rate(scope, rate)
    return limits


def _rate(scope: str, text: str) -> Rate | None:
    if text == OFF:
        return None
    found = RATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{scope} must be a rate such as {DEFAULTS[scope]}, or off; not '{text}'")
    return Rate(int(found[1]), UNIT_SECONDS[found[2]])
