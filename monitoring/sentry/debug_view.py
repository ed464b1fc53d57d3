"""`/sentry-debug/`: does an error arrive where errors are told? One is raised on purpose."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from monitoring.sentry import reporting


class RaisedOnPurpose(Exception):
    """Somebody tries whether errors are reported."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sentry_debug(request: HttpRequest) -> HttpResponse:
    """The page only explains; its button fails. So no link and no reload raises an alarm."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST" and reporting.is_on():
        raise RaisedOnPurpose
    return render(request, "monitoring/sentry_debug.html", {"is_on": reporting.is_on()})
