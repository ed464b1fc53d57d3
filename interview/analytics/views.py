"""What the history of a campaign tells, as tables with bars and as files."""

from __future__ import annotations

from io import BytesIO

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interview.analytics.blocks import Block
from interview.analytics.cache import figures
from interview.analytics.forms import AnalyticsForm
from interview.analytics.period import Period
from interview.analytics.subjects import SUBJECTS
from interview.rules.permissions import campaigns_for_analytics
from interview.views.request_helpers import person
from jobs.exports.exports import may_export
from jobs.exports.writers import CsvWriter
from monitoring import audit
from realtime.http.rate_limits import rate_limited

REFUSED = 400


def wants_file(request: HttpRequest) -> bool:
    return "format" in request.GET


@login_required
@require_safe
@rate_limited("export", when=wants_file)
def page(request: HttpRequest) -> HttpResponse:
    """One campaign's figures of a period; 403 for who coordinates none, 400 for what makes no
    sense, with the reasons.
    """
    user = person(request)
    campaigns = list(campaigns_for_analytics(user))
    if not campaigns:
        return render(request, "interview/analytics.html", {})
    form = AnalyticsForm(request.GET.dict(), campaigns=campaigns)
    if not form.is_valid():
        return render(request, "interview/analytics.html", {"form": form}, status=REFUSED)
    if form.cleaned_data["format"]:
        return _file(user, form.period, form.cleaned_data["what"])
    return _figures(request, form)


def _figures(request: HttpRequest, form: AnalyticsForm) -> HttpResponse:
    period, only = form.period, form.cleaned_data["what"]
    blocks = [figures(name, period) for name in SUBJECTS if only in ("", name)]
    context = {
        "form": form,
        "period": period,
        "blocks": blocks,
        "is_empty": all(block.is_empty for block in blocks),
        "may_export": may_export(request.user),
    }
    return render(request, "interview/analytics.html", context)


def _file(user: User, period: Period, what: str) -> HttpResponse:
    """CSV with byte order mark. Raises PermissionDenied for who may not export."""
    if not may_export(user):
        raise PermissionDenied
    block = figures(what, period)
    answer = HttpResponse(_csv(block), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(block, period)}"'
    answer["Cache-Control"] = "no-store"
    count = len(block.file[1])
    audit.record(action=audit.Action.EXPORT, label=block.label, count=count, by=user)
    return answer


def _csv(block: Block) -> bytes:
    headings, rows = block.file
    file = BytesIO()
    writer = CsvWriter(file)
    for cells in (headings, *rows):
        writer.add(cells)
    return file.getvalue()


def _file_name(block: Block, period: Period) -> str:
    days = f"{period.since.isoformat()}-{period.until.isoformat()}"
    return f"{period.campaign.slug}-{block.name}-{days}.csv"
