"""Reads which applications were selected in the list: the ticked ones, or all that match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from interview.views.application_filter import ApplicationFilter
from jobs.models import Application
from monitoring.http.filters import LARGEST_ID

MAX_SELECTED = 2_000


def selected_applications(request: HttpRequest, user: User) -> list[Application]:
    """Returns the posted selection in the order of the list, at most MAX_SELECTED.

    `every=yes` selects all applications that match the filters in the query string. Invalid ids
    and applications this user may not see are ignored.
    """
    if request.POST.get("every") == "yes":
        found: Any = ApplicationFilter(user, request.GET).results()
    else:
        ids = ids_from(request.POST, "application")
        found = Application.objects.visible_to(user).filter(pk__in=ids)
    return list(found.select_related("candidate", "job__campaign")[:MAX_SELECTED])


def ids_from(posted: QueryDict, name: str) -> Sequence[int]:
    """Returns the ids posted under `name`: repeated (`a=1&a=2`) or comma-separated (`a=1,2`)."""
    given = ",".join(posted.getlist(name)).split(",")
    known = (one for one in given if one.isascii() and one.isdigit() and len(one) < 20)
    return [int(one) for one in known if int(one) <= LARGEST_ID]
