"""Middleware that shows times in the time zone the signed-in person has chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from interview.models.time_zones import preferred_zone


class TimeZoneMiddleware(MiddlewareMixin):
    """Comes after AuthenticationMiddleware. Without a choice, settings.TIME_ZONE applies."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or self._is_probe(request):
            return
        if zone := preferred_zone(request.user):
            timezone.activate(ZoneInfo(zone))

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        timezone.deactivate()
        return response

    def _is_probe(self, request: HttpRequest) -> bool:
        """Return True for health checks, which must answer without a query for the user."""
        return bool(
            request.resolver_match and request.resolver_match.route in {"healthz", "readyz"}
        )
