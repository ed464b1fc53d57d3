"""The candidates page: search, spot duplicates, create applications for the selected ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from jobs.applications import services as application_services
from jobs.candidates.permissions import foreign_candidate, not_addable
from jobs.candidates.search import CandidateSearch
from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.exports.rights import may_export
from jobs.models import Application, Candidate, ContactConflict, Job
from jobs.openings.search import has_search_text
from monitoring.http.pagination import PrimaryKeyPaginator
from realtime.http.rate_limits import rate_limited

CANDIDATES_PER_PAGE = 50


class ApplyForm(forms.Form):
    """The selected candidates and the job to create applications for."""

    candidates = forms.ModelMultipleChoiceField(
        queryset=Candidate.objects.none(),
        error_messages={"required": gettext_lazy("Choose at least one candidate.")},
    )
    job = forms.ModelChoiceField(
        queryset=Job.objects.none(),
        error_messages={"required": gettext_lazy("Choose a job.")},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "candidates": Candidate.objects.visible_to(user),
            "job": jobs_open_to(user),
        }
        for name, queryset in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset
        self._user = user

    def clean(self) -> dict[str, Any]:
        """Refuses candidates whose other campaigns would have to agree."""
        entered = super().clean() or {}
        if {"candidates", "job"} <= entered.keys():
            campaign = entered["job"].campaign
            if foreign := not_addable(self._user, list(entered["candidates"]), campaign):
                names = ", ".join(candidate.name for candidate in foreign)
                raise ValidationError(f"{names}: {foreign_candidate()}")
        return entered


def jobs_open_to(user: Any) -> Any:
    jobs = Job.objects.visible_to(user).filter(campaign__is_open=True)
    return jobs.select_related("campaign").order_by("campaign__name", "title")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("search", when=has_search_text)
def candidates(request: HttpRequest) -> HttpResponse:
    """Lists candidates; POST creates applications for the selected ones, or compares two."""
    campaigns = coordinated_campaigns(request.user)
    if request.method == "POST":
        return compare(request) if request.POST.get("do") == "merge" else apply(request)
    search = CandidateSearch(request.GET, campaigns=campaigns)
    found = search.narrow(Candidate.objects.visible_to(request.user))
    found = found.prefetch_related(
        Prefetch("campaigns", campaigns),
        Prefetch("applications", applications_for(request.user)),
    )
    page = PrimaryKeyPaginator(found, CANDIDATES_PER_PAGE).get_page(request.GET.get("page"))
    _mark_possible_duplicates(list(page.object_list), request.user)
    context = {
        "search": search,
        "page": page,
        "jobs": jobs_open_to(request.user),
        "may_export": may_export(request.user),
        "conflicts": ContactConflict.objects.visible_to(request.user).undecided().count(),
    }
    return render(request, "jobs/candidates.html", context)


def applications_for(user: Any) -> Any:
    return Application.objects.visible_to(user).select_related("job", "resume")


def _mark_possible_duplicates(shown: Sequence[Candidate], user: Any) -> None:
    """Sets `namesake` to the id of another candidate with the same name and school.

    One query for the whole page.
    """
    names = {candidate.name for candidate in shown if candidate.school}
    schools = {candidate.school for candidate in shown if candidate.school}
    same = Candidate.objects.visible_to(user).filter(name__in=names, school__in=schools)
    same = same.exclude(school="")  # in words of the index
    ids: dict[tuple[str, str], set[int]] = defaultdict(set)
    for pk, name, school in same.values_list("pk", "name", "school"):
        ids[name, school].add(pk)
    for candidate in shown:
        others = ids[candidate.name, candidate.school] - {candidate.pk}
        candidate.namesake = min(others, default=None)  # type: ignore[attr-defined]  # for the page


def compare(request: HttpRequest) -> HttpResponse:
    """Redirects to the merge page, which checks permissions."""
    chosen = request.POST.getlist("candidates")
    if len(chosen) != 2:
        messages.error(request, _("Choose exactly two candidates to merge."))
        return back_to_list(request)
    one, other = chosen
    return redirect(f"{reverse('merge')}?{urlencode({'one': one, 'other': other})}")


def apply(request: HttpRequest) -> HttpResponse:
    """Creates applications; skips candidates who have already applied for this job."""
    form = ApplyForm(request.POST, user=request.user)
    if not form.is_valid():
        for reasons in form.errors.values():
            messages.error(request, str(reasons[0]))
        return back_to_list(request)
    chosen = form.cleaned_data["candidates"]
    created = application_services.applications_create(
        candidates=chosen, job=form.cleaned_data["job"], by=signed_in_user(request)
    )
    _show_result(request, created=len(created), skipped=len(chosen) - len(created))
    return back_to_list(request)


def _show_result(request: HttpRequest, *, created: int, skipped: int) -> None:
    text = ngettext("%(count)s application created.", "%(count)s applications created.", created)
    text %= {"count": created}
    if skipped:
        text += " " + _("%(count)s had already applied.") % {"count": skipped}
    (messages.success if created else messages.info)(request, text)


def back_to_list(request: HttpRequest) -> HttpResponseRedirect:
    """Redirects to the list, with its page and filters."""
    response = redirect("candidates")
    if request.GET:
        response["Location"] += f"?{request.GET.urlencode()}"
    return response
