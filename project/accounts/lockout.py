"""Lockout after too many wrong passwords, per user name and client address.

`LockoutBackend` is the first of AUTHENTICATION_BACKENDS, so every sign-in with a password passes
it: the sign-in page and the admin's. It counts the attempt before the password is checked, and a
correct password resets the count, so the limit also holds when many attempts arrive at once. The
counter's key is a hash of name and address. While Redis is down nobody is locked out.
"""

from __future__ import annotations

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

from monitoring.http.client_address import address_of, client_network
from realtime.http.rate_limits import count_outcomes, too_many_requests
from realtime.rate_limiter import Rate, RateLimit, RedisDown

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
SCOPE = "lock_out"


class LockoutBackend:
    """Authenticates nobody; raises PermissionDenied if the name is locked at this address."""

    def authenticate(self, request: Any, username: str = "", **credentials: Any) -> None:
        """Counts the attempt; fails without a request, because only that has the address.

        Django asks no further backend after PermissionDenied.
        """
        if not settings.SIGN_IN_FAILURES:
            return
        try:
            request.seconds_locked_out = _limit(request, username).hit()
        except RedisDown:
            return
        if request.seconds_locked_out:
            raise PermissionDenied


def _limit(request: HttpRequest, username: str) -> RateLimit:
    network = client_network(address_of(request))
    # The line break keeps "lin6" at 1.2.3.4 apart from "lin" at 61.2.3.4.
    subject = salted_hmac("project.accounts.lockout", f"{username}\n{network}").hexdigest()
    rate = Rate(settings.SIGN_IN_FAILURES, ceil(settings.SIGN_IN_LOCK_TIME.total_seconds()))
    return RateLimit(f"{SCOPE}:{subject}", rate, renews_window=True)


@receiver(user_logged_in)
def reset_count(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A correct password resets the count of its name at this address."""
    if settings.SIGN_IN_FAILURES:
        try:
            _limit(request, user.get_username()).reset()
        except RedisDown:
            return  # the count expires


@receiver(user_login_failed)
def note_lockout(
    sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
) -> None:
    """Notes on the request how long the name is locked, for the page; counts for the metric.

    The attempt was refused, or it was the last one that the limit allowed, or neither.
    """
    if not settings.SIGN_IN_FAILURES:
        return
    try:
        if not getattr(request, "seconds_locked_out", 0):
            limit = _limit(request, credentials.get("username", ""))
            request.seconds_locked_out = limit.seconds_to_wait()
    except RedisDown:
        count_outcomes([SCOPE], "uncounted")
        return
    count_outcomes([SCOPE], "refused" if request.seconds_locked_out else "allowed")


def shows_lockout(view: View[P]) -> View[P]:
    """Decorator for the sign-in views: a locked-out person gets a 429 page with the time left."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        wait = getattr(request, "seconds_locked_out", 0)
        if not wait:
            return response
        return too_many_requests(request, wait, template="registration/locked.html")

    return wrapped
