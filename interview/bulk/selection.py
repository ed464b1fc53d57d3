"""Which applications somebody has chosen from the list: those he ticked, or all that match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from interview.views.application_filter import ApplicationFilter
from jobs.models import Application
from monitoring.http.filters import LARGEST_ID

CHOSEN_AT_MOST = 2_000


def chosen_from(request: HttpRequest, user: User) -> list[Application]:
    """In the order of the list. `every=yes` means all that match the address's filters; others'
    applications, and what is no number, are left out.
    """
    if request.POST.get("every") == "yes":
        found: Any = ApplicationFilter(user, request.GET).results()
    else:
        ids = numbers_of(request.POST, "application")
        found = Application.objects.visible_to(user).filter(pk__in=ids)
    return list(found.select_related("candidate", "job__campaign")[:CHOSEN_AT_MOST])


def numbers_of(posted: QueryDict, name: str) -> Sequence[int]:
    """The ids given under this name: one for each box, or many in one with commas between."""
    given = ",".join(posted.getlist(name)).split(",")
    known = (one for one in given if one.isascii() and one.isdigit() and len(one) < 20)
    return [int(one) for one in known if int(one) <= LARGEST_ID]
