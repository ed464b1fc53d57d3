"""Two entries of one person as a page: both side by side, and the button that makes them one."""

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

from jobs.coordinators import candidates_to_merge, coordinated_campaigns, signed_in
from jobs.merging.diff import Entry, Line, entries_of, lines_of, mark_of, share_nothing
from jobs.merging.execute import candidates_merge
from jobs.merging.merge_applications import folds_of
from jobs.merging.refusals import MergeRefused

LARGEST_ID = 2**63 - 1
REFUSED_WITH = {"gone": 404, "elsewhere": 403, "anonymised": 409}


class PairForm(forms.Form):
    """Which two entries the address names."""

    one = forms.IntegerField(min_value=1, max_value=LARGEST_ID)
    other = forms.IntegerField(min_value=1, max_value=LARGEST_ID)

    @property
    def ids(self) -> list[int]:
        """Raises Http404 where there are no two."""
        ids = list(self.cleaned_data.values()) if self.is_valid() else []
        if len(set(ids)) != 2:
            raise Http404
        return ids


class MergeForm(forms.Form):
    """Which entry stays, and for each field in which they differ whose value is taken."""

    stays = forms.TypedChoiceField(coerce=int)

    def __init__(self, data: Any, *, entries: tuple[Entry, Entry], lines: list[Line]) -> None:
        super().__init__(data)
        ids = [(str(entry.id), "") for entry in entries]
        for line in lines:
            self.fields[line.field] = forms.TypedChoiceField(coerce=int, choices=ids)
        stays = self.fields["stays"]
        assert isinstance(stays, forms.TypedChoiceField)
        stays.choices = ids

    @property
    def taken(self) -> list[str]:
        """The fields whose values come from the entry that goes."""
        chosen = dict(self.cleaned_data)
        stays = chosen.pop("stays")
        return [field for field, entry in chosen.items() if entry != stays]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Two entries side by side; POST makes them one."""
    coordinated_campaigns(request.user)
    try:
        older, newer = _asked(request)
    except MergeRefused as refused:
        return _refuse(request, refused)
    if request.method == "POST":
        return _carry_out(request, older, newer)
    return _show(request, older, newer)


def _asked(request: HttpRequest) -> tuple[Entry, Entry]:
    """The older entry first. Raises MergeRefused, Http404."""
    ids = PairForm(request.GET).ids
    older, newer = entries_of(candidates_to_merge(request.user, ids))
    if older.candidate.anonymised_at or newer.candidate.anonymised_at:
        raise MergeRefused("anonymised")
    return older, newer


def _carry_out(request: HttpRequest, older: Entry, newer: Entry) -> HttpResponse:
    differing = [line for line in lines_of(older, newer) if line.differs]
    form = MergeForm(request.POST, entries=(older, newer), lines=differing)
    if request.POST.get("seen") != mark_of((older, newer)):
        return _show(request, older, newer, wrong=str(MergeRefused("changed")), status=409)
    if not form.is_valid():
        wrong = _("Choose which entry stays, and a value wherever they differ.")
        return _show(request, older, newer, wrong=wrong, status=422)
    stays = form.cleaned_data["stays"]
    goes = newer.id if stays == older.id else older.id
    try:
        kept = candidates_merge(
            stays=stays,
            goes=goes,
            taken=form.taken,
            seen=request.POST["seen"],
            by=signed_in(request),
        )
    except MergeRefused as refused:
        return _refuse(request, refused)
    messages.success(request, _("%(name)s is one entry now.") % {"name": kept.name})
    return redirect(f"{reverse('candidates')}?{urlencode({'q': kept.name})}")


def _show(
    request: HttpRequest, older: Entry, newer: Entry, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    lines = lines_of(older, newer)
    context = {
        "entries": (older, newer),
        "lines": lines,
        "share_nothing": share_nothing(lines),
        "folds": folds_of(older, newer),
        "seen": mark_of((older, newer)),
        "wrong": wrong,
    }
    return render(request, "jobs/merge.html", context, status=status)


def _refuse(request: HttpRequest, refused: MergeRefused) -> HttpResponse:
    """Two that cannot be shown; what was changed at the last moment is shown by looking again."""
    status = REFUSED_WITH.get(refused.code, 409)
    context = {"why": str(refused), "status": status, "again": refused.code == "changed"}
    return render(request, "jobs/merge_refused.html", context, status=status)
