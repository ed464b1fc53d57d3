"""DRF throttles that apply the limits of `rate_limits` to the API."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from realtime.http.rate_limits import seconds_to_wait, subject_of


class ScopedThrottle(BaseThrottle):
    """Counts each request against the limits of all its `scopes`."""

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
    """A per-minute and a per-day limit, per user or, for anonymous requests, per address."""

    def scopes_for(self, request: Request) -> tuple[str, ...]:
        whose = "personal" if request.user.is_authenticated else "anonymous"
        return (f"{whose}_burst", f"{whose}_day")


class ExportThrottle(ScopedThrottle):
    """Limits exports; the API and the export buttons of pages share this limit."""

    scopes = ("export",)


class UploadThrottle(ScopedThrottle):
    """Limits uploads per day; the API and the forms with files share this limit."""

    scopes = ("upload",)


def anonymous_wait_seconds(request: Request) -> float:
    """Counts an unauthenticated request; returns the seconds to wait, 0 within the limit.

    DRF rejects unauthenticated requests before it asks its throttles, so a flood of them would
    never be counted. The API's exception handler calls this instead.
    """
    throttle = ApiThrottle()
    throttle.allow_request(request, None)
    return throttle.wait()
