"""The analytics page: reports as tables with bars, each downloadable as CSV."""

from __future__ import annotations

from io import BytesIO

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interview.analytics.cache import cached_report
from interview.analytics.forms import AnalyticsForm
from interview.analytics.period import Period
from interview.analytics.registry import REPORTS
from interview.analytics.report import Report
from interview.rules.permissions import campaigns_for_analytics
from interview.views.request_helpers import signed_in_user
from jobs.exports.rights import may_export
from jobs.exports.writers import CsvWriter
from monitoring import audit
from realtime.http.rate_limits import rate_limited

BAD_REQUEST = 400


def wants_file(request: HttpRequest) -> bool:
    return "format" in request.GET


@login_required
@require_safe
@rate_limited("export", when=wants_file)
def page(request: HttpRequest) -> HttpResponse:
    """Shows a campaign's reports, or answers one as CSV.

    Answers 403 if the user coordinates no campaign, 400 with the field errors for invalid input.
    """
    user = signed_in_user(request)
    campaigns = list(campaigns_for_analytics(user))
    if not campaigns:
        return render(request, "interview/analytics.html", {})
    form = AnalyticsForm(request.GET.dict(), campaigns=campaigns)
    if not form.is_valid():
        return render(request, "interview/analytics.html", {"form": form}, status=BAD_REQUEST)
    if form.cleaned_data["format"]:
        return _file(user, form.period, form.cleaned_data["what"])
    return _figures(request, form)


def _figures(request: HttpRequest, form: AnalyticsForm) -> HttpResponse:
    period, only = form.period, form.cleaned_data["what"]
    reports = [cached_report(name, period) for name in REPORTS if only in ("", name)]
    context = {
        "form": form,
        "period": period,
        "reports": reports,
        "is_empty": all(report.is_empty for report in reports),
        "may_export": may_export(request.user),
    }
    return render(request, "interview/analytics.html", context)


def _file(user: User, period: Period, what: str) -> HttpResponse:
    """Returns the report as CSV with a byte order mark and records the export in the audit log.

    Raises PermissionDenied if the user may not export.
    """
    if not may_export(user):
        raise PermissionDenied
    report = cached_report(what, period)
    answer = HttpResponse(_csv(report), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(report, period)}"'
    answer["Cache-Control"] = "no-store"
    count = len(report.csv_table[1])
    audit.record(action=audit.Action.EXPORT, label=report.audit_label, count=count, by=user)
    return answer


def _csv(report: Report) -> bytes:
    headings, rows = report.csv_table
    file = BytesIO()
    writer = CsvWriter(file)
    for cells in (headings, *rows):
        writer.add(cells)
    return file.getvalue()


def _file_name(report: Report, period: Period) -> str:
    days = f"{period.since.isoformat()}-{period.until.isoformat()}"
    return f"{period.campaign.slug}-{report.name}-{days}.csv"
