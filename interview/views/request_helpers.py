"""Helpers for views: the signed-in user, the requested interview, the page to return to."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from interview.models import Interview
from interview.rules.permissions import assignment_of


def signed_in_user(request: HttpRequest) -> User:
    """Returns the user, typed as User. Only for views that require sign-in."""
    return cast(User, request.user)


def interview_for(user: User, pk: int) -> Interview:
    """Returns the interview with everything its pages show.

    Raises Http404 if it does not exist or the user may not see it.
    """
    visible = Interview.objects.visible_to(user).for_rows()
    interview = visible.prefetch_related("round__criteria").filter(pk=pk).first()
    if interview is None:
        raise Http404
    return interview


def own_interview(user: User, pk: int) -> Interview:
    """Returns an interview assigned to the user.

    Raises PermissionDenied if the user may see it but is not assigned, else Http404.
    """
    interview = interview_for(user, pk)
    if assignment_of(user, interview) is None:
        raise PermissionDenied
    return interview


def redirect_target(request: HttpRequest, interview: Interview) -> str:
    """Returns the posted `next` address if it is on this site (no open redirect), else the
    interview's page.
    """
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("interview", args=[interview.pk])
