"""The limits of `rates` as the API asks for them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from realtime.http.rate_limits import seconds_to_wait, subject_of


class ScopedThrottle(BaseThrottle):
    """Counts each request against the limits of `scopes`."""

    scopes: tuple[str, ...] = ()
    _wait = 0.0

    def scopes_for(self, request: Request) -> tuple[str, ...]:
        return self.scopes

    def allow_request(self, request: Request, view: Any) -> bool:
        self._wait = seconds_to_wait(subject_of(request), *self.scopes_for(request))
        return not self._wait

    def wait(self) -> float:
        return self._wait


class ApiThrottle(ScopedThrottle):
    """A burst and a day: for a person who is signed in, or for an address."""

    def scopes_for(self, request: Request) -> tuple[str, ...]:
        whose = "personal" if request.user.is_authenticated else "anonymous"
        return (f"{whose}_burst", f"{whose}_day")


class ExportThrottle(ScopedThrottle):
    """Exports, whether asked for here or with the button of a page."""

    scopes = ("export",)


def anonymous_wait_seconds(request: Request) -> float:
    """Seconds that a refused visitor must wait; 0 while his budget lasts.

    DRF asks its throttles after it has refused who is not signed in, so that a flood of such
    requests would never be counted; the exception handler asks here.
    """
    budget = ApiThrottle()
    budget.allow_request(request, None)
    return budget.wait()
