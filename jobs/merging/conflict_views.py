"""The page of contact conflicts: each side by side, to be merged or kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.candidates.conflicts import conflict_keep_apart
from jobs.candidates.permissions import changeable_candidates
from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.merging.diff import (
    CandidateRecord,
    FieldComparison,
    compare_fields,
    digest_of,
    records_of,
)
from jobs.merging.execute import candidates_merge
from jobs.merging.refusals import MergeRefused
from jobs.models import Candidate, ContactConflict
from jobs.models.conflicts import ContactConflictQuerySet

CONFLICTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ConflictShown:
    """A conflict with both records, and what this person may decide about it."""

    conflict: ContactConflict
    known: CandidateRecord
    record: CandidateRecord
    may_decide: bool
    may_choose_fields: bool  # of both: the merge page is open to them

    @property
    def comparisons(self) -> list[FieldComparison]:
        return compare_fields(self.known, self.record)

    @property
    def seen(self) -> str:
        return digest_of((self.known, self.record))


def undecided_conflicts(user: Any) -> ContactConflictQuerySet:
    """Returns the open conflicts of the candidates that this person sees."""
    return ContactConflict.objects.visible_to(user).undecided()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conflicts(request: HttpRequest) -> HttpResponse:
    """Lists open conflicts; POST merges the two records of one, or keeps them apart."""
    coordinated_campaigns(request.user)
    if request.method == "POST":
        return _decide(request)
    found = undecided_conflicts(request.user).select_related("campaign", "by")
    shown = conflicts_shown(list(found[:CONFLICTS_SHOWN]), request.user)
    return render(request, "jobs/conflicts.html", {"conflicts": shown, "count": found.count()})


def conflicts_shown(found: list[ContactConflict], user: Any) -> list[ConflictShown]:
    """Loads both records of each conflict, in a constant number of queries."""
    ids = {pk for one in found for pk in (one.known_id, one.record_id)}
    records = {one.id: one for one in records_of(Candidate.objects.filter(pk__in=ids))}
    decidable = set(
        ContactConflict.objects.decidable_by(user)
        .filter(pk__in=[one.pk for one in found])
        .values_list("pk", flat=True)
    )
    changeable = set(changeable_candidates(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        ConflictShown(
            conflict=one,
            known=records[one.known_id],
            record=records[one.record_id],
            may_decide=one.pk in decidable,
            may_choose_fields={one.known_id, one.record_id} <= changeable,
        )
        for one in found
    ]


def _decide(request: HttpRequest) -> HttpResponse:
    asked: Any = request.POST.get("conflict", "")
    found = undecided_conflicts(request.user)
    conflict = get_object_or_404(found, pk=asked if asked.isdecimal() and len(asked) < 19 else 0)
    if not found.decidable_by(request.user).filter(pk=conflict.pk).exists():
        raise PermissionDenied
    if request.POST.get("do") == "merge":
        _merge(request, conflict)
    else:
        conflict_keep_apart(conflict=conflict, by=signed_in_user(request))
        messages.success(request, _("The two records are kept apart."))
    return redirect("conflicts")


def _merge(request: HttpRequest, conflict: ContactConflict) -> None:
    """The known candidate keeps their values; the applications of the other record join them."""
    try:
        merged = candidates_merge(
            kept=conflict.known_id,
            removed=conflict.record_id,
            fields_from_removed=[],
            shown=request.POST.get("seen", ""),
            by=signed_in_user(request),
        )
    except MergeRefused as refused:
        messages.error(request, str(refused))
    else:
        text = _("The two records of %(name)s were merged.") % {"name": merged.name}
        messages.success(request, text)
