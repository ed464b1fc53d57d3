"""The merge page: two candidate records side by side, and the button that merges them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.merging.diff import (
    CandidateRecord,
    FieldComparison,
    compare_fields,
    digest_of,
    have_nothing_in_common,
    merge_warnings,
    records_of,
)
from jobs.merging.execute import candidates_merge
from jobs.merging.merge_applications import application_pairs
from jobs.merging.permissions import mergeable_candidates
from jobs.merging.refusals import MergeRefused

LARGEST_ID = 2**63 - 1
STATUS_BY_REFUSAL = {"gone": 404, "elsewhere": 403, "anonymised": 409}

RecordPair = tuple[CandidateRecord, CandidateRecord]


class PairForm(forms.Form):
    """The ids of two candidates, from the query string."""

    one = forms.IntegerField(min_value=1, max_value=LARGEST_ID)
    other = forms.IntegerField(min_value=1, max_value=LARGEST_ID)

    @property
    def ids(self) -> list[int]:
        """Raises Http404 unless there are two different ids."""
        ids = list(self.cleaned_data.values()) if self.is_valid() else []
        if len(set(ids)) != 2:
            raise Http404
        return ids


class MergeForm(forms.Form):
    """The record to keep and, for each field that differs, the record whose value is kept."""

    stays = forms.TypedChoiceField(coerce=int)
    override_reason = forms.CharField(required=False, max_length=300)

    def __init__(
        self, data: Any, *, records: RecordPair, comparisons: list[FieldComparison]
    ) -> None:
        super().__init__(data)
        ids = [(str(record.id), "") for record in records]
        for comparison in comparisons:
            self.fields[comparison.field] = forms.TypedChoiceField(coerce=int, choices=ids)
        stays = self.fields["stays"]
        assert isinstance(stays, forms.TypedChoiceField)
        stays.choices = ids

    @property
    def fields_from_removed(self) -> list[str]:
        chosen = dict(self.cleaned_data)
        kept, _reason = chosen.pop("stays"), chosen.pop("override_reason")
        return [field for field, record_id in chosen.items() if record_id != kept]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Shows two records side by side; POST merges them."""
    coordinated_campaigns(request.user)
    try:
        older, newer = _requested_records(request)
    except MergeRefused as refused:
        return _refuse(request, refused)
    if request.method == "POST":
        return _merge(request, older, newer)
    return _show(request, (older, newer))


def _requested_records(request: HttpRequest) -> RecordPair:
    """Returns the older record first. Raises MergeRefused and Http404."""
    ids = PairForm(request.GET).ids
    older, newer = records_of(mergeable_candidates(request.user, ids))
    if older.candidate.anonymised_at or newer.candidate.anonymised_at:
        raise MergeRefused("anonymised")
    return older, newer


def _merge(request: HttpRequest, older: CandidateRecord, newer: CandidateRecord) -> HttpResponse:
    records = (older, newer)
    differing = [one for one in compare_fields(older, newer) if one.differs]
    form = MergeForm(request.POST, records=records, comparisons=differing)
    if request.POST.get("seen") != digest_of(records):
        return _show(request, records, error=str(MergeRefused("changed")), status=409)
    if not form.is_valid():
        error = _("Choose the record to keep, and a value for each field that differs.")
        return _show(request, records, error=error, status=422)
    kept = form.cleaned_data["stays"]
    try:
        merged = candidates_merge(
            kept=kept,
            removed=newer.id if kept == older.id else older.id,
            fields_from_removed=form.fields_from_removed,
            shown=request.POST["seen"],
            by=signed_in_user(request),
            override_reason=form.cleaned_data["override_reason"],
        )
    except MergeRefused as refused:
        if refused.code == "unconfirmed":
            return _show(request, records, error=_("Enter a reason to merge."), status=422)
        return _refuse(request, refused)
    messages.success(request, _("The two records of %(name)s were merged.") % {"name": merged.name})
    return redirect(f"{reverse('candidates')}?{urlencode({'q': merged.name})}")


def _show(
    request: HttpRequest, records: RecordPair, *, error: str = "", status: int = 200
) -> HttpResponse:
    comparisons = compare_fields(*records)
    context = {
        "records": records,
        "comparisons": comparisons,
        "have_nothing_in_common": have_nothing_in_common(comparisons),
        "pairs": application_pairs(*records),
        "warnings": merge_warnings(*(record.id for record in records)),
        "override_reason": request.POST.get("override_reason", ""),
        "seen": digest_of(records),
        "error": error,
    }
    return render(request, "jobs/merge.html", context, status=status)


def _refuse(request: HttpRequest, refused: MergeRefused) -> HttpResponse:
    """Shows the reason; offers another look if the records changed during the merge."""
    status = STATUS_BY_REFUSAL.get(refused.code, 409)
    context = {"why": str(refused), "status": status, "again": refused.code == "changed"}
    return render(request, "jobs/merge_refused.html", context, status=status)
