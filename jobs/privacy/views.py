"""The page "Personal data": requests for erasure, and who will be anonymised next."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.candidates.permissions import foreign_candidate
from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.models import Candidate, ErasureRequest
from jobs.privacy.due import newest_list, people_due
from jobs.privacy.erasure_requests import (
    DAYS_TO_ANSWER,
    candidate_erase,
    erasable_candidates,
    erasure_request_decline,
)
from realtime.http.reauthentication import password_prompt

PERMISSION = "jobs.anonymise"
SHOWN = 200  # people on the page; the number above the table counts all


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Shows coordinators what concerns their campaigns."""
    coordinated_campaigns(request.user)
    due = people_due(request.user).annotate(last_step=Max("applications__updated_at"))
    listed = newest_list()
    context = {
        "requests": _open_requests(request),
        "due": due.order_by("name", "pk").prefetch_related("campaigns")[:SHOWN],
        "due_count": people_due(request.user).count(),
        "listed": listed,
        "carried_out_at": listed
        and listed.announced_at
        and listed.announced_at + timedelta(days=1),
        "is_automatic": settings.ANONYMISE_AUTOMATICALLY,
        "years": settings.RETENTION_YEARS,
        "may_erase": request.user.has_perm(PERMISSION),
        "foreign": foreign_candidate(),
    }
    return render(request, "jobs/privacy.html", context)


def _open_requests(request: HttpRequest) -> list[ErasureRequest]:
    """Returns the open requests, oldest first, with their deadlines and who may carry them out."""
    found = ErasureRequest.objects.open().visible_to(request.user)
    shown = list(
        found.select_related("candidate", "application__job").prefetch_related(
            "candidate__campaigns"
        )
    )
    ids = [one.candidate_id for one in shown]
    erasable = set(
        erasable_candidates(request.user).filter(pk__in=ids).values_list("pk", flat=True)
    )
    for one in shown:
        one.due_at = one.asked_at + timedelta(days=DAYS_TO_ANSWER)  # type: ignore[attr-defined]
        one.is_erasable = one.candidate_id in erasable  # type: ignore[attr-defined]
    return shown


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for a confirmation; POST erases the candidate. This cannot be undone."""
    candidate = _erasable_candidate(request, pk)
    if request.method != "POST":
        applications = candidate.applications.select_related("job__campaign")
        context = {"candidate": candidate, "applications": applications.order_by("-created_at")}
        return render(request, "jobs/erase.html", context)
    if prompt := password_prompt(request):
        return prompt
    if candidate_erase(candidate=candidate, by=signed_in_user(request)):
        messages.success(
            request, _("The data of candidate no. %(number)d were erased.") % {"number": pk}
        )
    else:
        messages.info(request, _("The data of this candidate have already been erased."))
    return redirect("privacy")


def _erasable_candidate(request: HttpRequest, pk: int) -> Candidate:
    coordinated_campaigns(request.user)
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    return get_object_or_404(erasable_candidates(request.user), pk=pk)


@login_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Declines a request with a reason that the candidate reads."""
    coordinated_campaigns(request.user)
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    found = get_object_or_404(ErasureRequest.objects.visible_to(request.user), pk=pk)
    try:
        erasure_request_decline(
            request=found, answer=request.POST.get("answer", ""), by=signed_in_user(request)
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The request was declined. The candidate sees your reason."))
    return redirect("privacy")
