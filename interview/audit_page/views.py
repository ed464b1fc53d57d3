"""The audit page: who did what to which record, and when. For coordinators."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interview.audit_page.filter import AuditFilter
from interview.audit_page.line import AuditRow
from interview.views.request_helpers import signed_in_user
from monitoring.audit.access import may_read, visible_entries

ENTRIES_PER_PAGE = 50


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Shows the newest entries that match the filters, with a link to older ones.

    Answers 403 if the user may not read the log, 400 with the errors for invalid filters. Uses
    keyset pagination by id: no count query, and new entries do not shift the pages.
    """
    user = signed_in_user(request)
    if not may_read(user):
        raise PermissionDenied
    filters = AuditFilter(request.GET)
    if not filters.is_valid():
        return render(request, "interview/audit.html", {"filters": filters}, status=400)
    found = filters.apply(visible_entries(user)).select_related("actor")
    shown = list(found[: ENTRIES_PER_PAGE + 1])
    context = {
        "filters": filters,
        "rows": [AuditRow(entry) for entry in shown[:ENTRIES_PER_PAGE]],
        "older": shown[ENTRIES_PER_PAGE - 1].pk if len(shown) > ENTRIES_PER_PAGE else None,
    }
    return render(request, "interview/audit.html", context)
