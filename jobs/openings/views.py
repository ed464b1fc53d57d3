"""The public pages: openings, and one opening. The same for everybody, signed in or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jobs.openings.cache import remembered
from jobs.openings.search import OpeningSearch, has_words, others_like, public_openings
from realtime.http.rate_limits import rate_limited


@require_safe
@rate_limited("search", when=has_words)
def job_list(request: HttpRequest) -> HttpResponse:
    """Openings, narrowed by city, kind and words."""
    search = OpeningSearch(request.GET)
    page = search.page(request.GET.get("page", "1"))
    return render(request, "jobs/job_list.html", {"search": search, "page": page})


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One opening."""
    opening = remembered(f"job:{pk}", lambda: get_object_or_404(public_openings(), pk=pk))
    others = remembered(f"others:{pk}", lambda: others_like(opening))
    return render(request, "jobs/job.html", {"job": opening, "others": others})
