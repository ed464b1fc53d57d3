"""Which limits there are, and how a setting changes them. Read before Django is set up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SECONDS = {"second": 1, "min": 60, "hour": 3600, "day": 24 * 3600}
RATE = re.compile(rf"([1-9][0-9]{{0,6}})/({'|'.join(SECONDS)})")
OFF = "off"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests in any so many seconds."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        """As a setting says it."""
        unit = next(unit for unit, seconds in SECONDS.items() if seconds == self.seconds)
        return f"{self.requests}/{unit}"


Limits = Mapping[str, Rate | None]


# By scope, which is also the label of the metric. Who is signed in is counted by person, wherever
# he is; others by address, and a campus may be one.
DEFAULTS = {
    "anonymous_burst": "60/min",  # of the API
    "anonymous_day": "3000/day",
    "personal_burst": "600/min",  # ten a second: nobody clicks that fast, a script may
    "personal_day": "100000/day",
    "sign_in": "120/min",  # an office that comes in the morning; guessing locks out long before
    "apply": "30/min",
    "resume": "60/min",
    "search": "120/min",  # with words of one's own
    "export": "20/min",
}


def limits_from(text: str) -> dict[str, Rate | None]:
    """The limits by scope: the usual ones, but for what this says; None does not limit.

    text: `off` for none at all, or `sign_in=10/min,export=off`
    Raises ValueError that names the scope and the reason.
    """
    if text.strip() == OFF:
        return dict.fromkeys(DEFAULTS)
    limits = {scope: _rate(scope, usual) for scope, usual in DEFAULTS.items()}
    for part in filter(None, map(str.strip, text.split(","))):
        scope, _, rate = map(str.strip, part.partition("="))
        if scope not in DEFAULTS:
            raise ValueError(f"'{scope}' is none of {', '.join(DEFAULTS)}")
        limits[scope] = _rate(scope, rate)
    return limits


def _rate(scope: str, text: str) -> Rate | None:
    if text == OFF:
        return None
    found = RATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{scope} must be a rate such as {DEFAULTS[scope]}, or off; not '{text}'")
    return Rate(int(found[1]), SECONDS[found[2]])
