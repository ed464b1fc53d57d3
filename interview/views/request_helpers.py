"""What the pages ask of a request: who it is, which interview he means, where he goes next."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from interview.models import Interview
from interview.rules.permissions import assignment_of


def person(request: HttpRequest) -> User:
    """Who asks; only for views behind a sign-in."""
    return cast(User, request.user)


def interview_for(user: User, pk: int) -> Interview:
    """With all a page shows. Raises Http404 also for one this person may not know of."""
    visible = Interview.objects.visible_to(user).for_rows()
    interview = visible.prefetch_related("round__criteria").filter(pk=pk).first()
    if interview is None:
        raise Http404
    return interview


def interview_of_own(user: User, pk: int) -> Interview:
    """One that he holds. Raises PermissionDenied of another that he may know of, Http404 else."""
    interview = interview_for(user, pk)
    if assignment_of(user, interview) is None:
        raise PermissionDenied
    return interview


def next_page(request: HttpRequest, interview: Interview) -> str:
    """Where the form wants to return to, if that is a page of ours; else the interview."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("interview", args=[interview.pk])
