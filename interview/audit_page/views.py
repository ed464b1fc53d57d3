"""The audit as a page: who did what, when, to which record. Read by those who coordinate."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interview.audit_page.filter import AuditFilter
from interview.audit_page.line import Line
from interview.views.request_helpers import person
from monitoring.audit.access import may_read, visible_entries

ENTRIES_PER_PAGE = 50


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The newest entries that fit the filters, and the way to older ones; 403 for outsiders,
    400 with the reasons for what makes no sense.

    Pages go by id and not by number: nothing is counted, and what comes in meanwhile moves nothing.
    """
    user = person(request)
    if not may_read(user):
        raise PermissionDenied
    asked = AuditFilter(request.GET)
    if not asked.is_valid():
        return render(request, "interview/audit.html", {"asked": asked}, status=400)
    found = asked.narrow(visible_entries(user)).select_related("actor")
    shown = list(found[: ENTRIES_PER_PAGE + 1])
    context = {
        "asked": asked,
        "lines": [Line(entry) for entry in shown[:ENTRIES_PER_PAGE]],
        "older": shown[ENTRIES_PER_PAGE - 1].pk if len(shown) > ENTRIES_PER_PAGE else None,
    }
    return render(request, "interview/audit.html", context)
