"""Lockout after too many wrong passwords: per user name and client address, and per user name.

`LockoutBackend` is the first of AUTHENTICATION_BACKENDS, so every check of a password passes it:
the sign-in page, the admin's, and the forms that ask a signed-in person once more. It counts the
attempt before the password is checked, so the limits also hold when many attempts arrive at once;
a correct password is not counted. The second limit stops somebody who guesses from many addresses.
The counters' keys are hashes of name and address. While Redis is down nobody is locked out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from monitoring.audit.sign_ins import record_failure
from monitoring.http.client_address import address_of, client_network
from realtime.http.rate_limits import count_outcomes, init_labels
from realtime.http.reauthentication import locked_out, password_confirmed
from realtime.rate_limiter import UNIT_SECONDS, Rate, RateLimit, RedisDown, hit_all

logger = logging.getLogger(__name__)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SCOPE = "lock_out"
init_labels([SCOPE])


class LockoutBackend:
    """Authenticates nobody; raises PermissionDenied if the name is locked, here or everywhere."""

    def authenticate(self, request: Any, username: str = "", **credentials: Any) -> None:
        """Counts the attempt; fails without a request, because only that has the address.

        Django asks no further backend after PermissionDenied.
        """
        try:
            waits = hit_all(limits) if (limits := _limits(request, username)) else []
        except RedisDown:
            return
        request.seconds_locked_out = max(waits, default=0)
        if request.seconds_locked_out:
            raise PermissionDenied


def _limits(request: HttpRequest, username: str) -> list[RateLimit]:
    """The limits that are not switched off."""
    both = (_here(request, username), _everywhere(username))
    return [limit for limit in both if limit.rate.requests]


def _here(request: HttpRequest, username: str) -> RateLimit:
    """The failures of a name at one address."""
    network = client_network(address_of(request))
    # The line break keeps "lin6" at 1.2.3.4 apart from "lin" at 61.2.3.4.
    subject = salted_hmac("project.accounts.lockout", f"{username}\n{network}").hexdigest()
    rate = Rate(settings.SIGN_IN_FAILURES, ceil(settings.SIGN_IN_LOCK_TIME.total_seconds()))
    return RateLimit(f"{SCOPE}:{subject}", rate, renews_window=True)


def _everywhere(username: str) -> RateLimit:
    """The failures of a name in an hour, whatever the address."""
    subject = salted_hmac("project.accounts.lockout.everywhere", username).hexdigest()
    rate = Rate(settings.SIGN_IN_FAILURES_PER_ACCOUNT, UNIT_SECONDS["hour"])
    return RateLimit(f"{SCOPE}:{subject}", rate)


@receiver(user_logged_in)
@receiver(password_confirmed)
def forget_success(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A correct password resets the count of its name at this address.

    Of the other count it only takes back itself: guesses from elsewhere go on to count.
    """
    name = user.get_username()
    try:
        if settings.SIGN_IN_FAILURES:
            _here(request, name).reset()
        if settings.SIGN_IN_FAILURES_PER_ACCOUNT and hasattr(request, "seconds_locked_out"):
            _everywhere(name).take_back()
    except RedisDown:
        return  # the count expires


def unlock(request: HttpRequest, user: User) -> None:
    """Forgets all failures of this person: they have proven who they are by other means."""
    try:
        for limit in _limits(request, user.get_username()):
            limit.reset()
    except RedisDown:
        return


@receiver(user_login_failed)
def note_failure(
    sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
) -> None:
    """Notes on the request how long the name is locked, for the page; records and counts it.

    The attempt was refused, or it was the last one that the limits allowed, or neither.
    """
    name = credentials.get("username", "")
    was_refused = bool(getattr(request, "seconds_locked_out", 0))
    # A refused attempt costs no query, however many there are.
    account = None if was_refused else record_failure(name)
    logger.warning(
        "A password was not accepted",
        extra={"action": "sign_in_failed", "account": account, "locked": was_refused},
    )
    try:
        limits = _limits(request, name)
        if limits and not was_refused:
            request.seconds_locked_out = max(limit.seconds_to_wait() for limit in limits)
    except RedisDown:
        count_outcomes([SCOPE], "uncounted")
        return
    if limits:
        count_outcomes([SCOPE], "refused" if request.seconds_locked_out else "allowed")


def shows_lockout(view: View[P]) -> View[P]:
    """Decorator for views that check passwords: a 429 page tells how long the lockout lasts."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        return locked_out(request) or response

    return wrapped
