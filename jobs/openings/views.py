"""The public pages: the list of openings, and one opening. They do not depend on the user."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobs.openings.cache import JOBS, ONE_JOB, cached
from jobs.openings.search import OpeningSearch, has_search_text, public_openings, similar_openings
from realtime.http.rate_limits import rate_limited


@require_safe
@rate_limited("search", when=has_search_text)
def job_list(request: HttpRequest) -> HttpResponse:
    """Lists openings, filtered by city, kind and search words."""
    search = OpeningSearch(request.GET)
    page = search.page(request.GET.get("page", "1"))
    return render(request, "jobs/job_list.html", {"search": search, "page": page})


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows one opening, with similar ones."""
    opening = cached(f"job:{pk}", lambda: get_object_or_404(public_openings(), pk=pk), ONE_JOB)
    others = cached(f"others:{pk}", lambda: similar_openings(opening), JOBS)
    return render(request, "jobs/job.html", {"job": opening, "others": others})
