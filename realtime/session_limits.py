"""Idle and absolute limits of signed-in sessions: the one rule, for pages and for sockets.

`project.accounts.session_store` writes the times into the session and ends it; `hub.admission`
reads them, because a socket stays open without requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY

BEGAN, USED = "began_at", "used_at"
"""Keys in the content of a session: times of the sign-in and of the last use, as timestamps."""
SIGN_IN = "sign_in"
"""Key in the content of a session: the primary key of its `SignIn`."""

RENEW_AFTER_SECONDS = 300.0  # so that not every request writes to the database
RENEW_AFTER_SHARE = 0.1  # of a short idle limit


def seconds_left(content: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds until the session ends unless it is used; None for one without these limits.

    Anonymous sessions have none.
    """
    if BEGAN not in content:
        return None
    absolute = content[BEGAN] + settings.SESSION_LONGEST_AGE.total_seconds()
    idle = content.get(USED, content[BEGAN]) + settings.SESSION_COOKIE_AGE
    return float(min(absolute, idle) - now.timestamp())


def is_over(content: Mapping[str, Any], now: datetime) -> bool:
    """Whether a limit has been reached, or an earlier version began the signed-in session.

    Such a session has no `SignIn`: its person could not see it, and nobody could end it.
    """
    if SESSION_KEY in content and SIGN_IN not in content:
        return True
    left = seconds_left(content, now)
    return left is not None and left <= 0


def has_use_to_record(content: Mapping[str, Any], now: datetime) -> bool:
    """Whether the last recorded use is long enough ago to record another."""
    if BEGAN not in content:
        return False
    unrecorded: float = now.timestamp() - content.get(USED, content[BEGAN])
    return unrecorded >= min(RENEW_AFTER_SECONDS, settings.SESSION_COOKIE_AGE * RENEW_AFTER_SHARE)
