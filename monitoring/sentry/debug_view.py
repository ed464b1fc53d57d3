"""`/sentry-debug/`: raises an error on purpose, to test that Sentry receives it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from monitoring.sentry import reporting


class DebugError(Exception):
    """Raised on purpose, to test error reporting."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sentry_debug(request: HttpRequest) -> HttpResponse:
    """Explains the test on GET and raises the error on POST, so links and reloads do not raise it.

    Superusers only.
    """
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST" and reporting.is_on():
        raise DebugError
    return render(request, "monitoring/sentry_debug.html", {"is_on": reporting.is_on()})
