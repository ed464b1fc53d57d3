"""Private calendars: the file that programs fetch, and the page on which its address is kept."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from interview.calendars.feed import feed_of, reader_of
from interview.models import CalendarFeed
from interview.services import calendar_close, calendar_renew
from interview.views.request_helpers import person


@extend_schema(exclude=True)
class FeedView(APIView):
    """The calendar behind a token, under the API's budget for visitors: guessing is counted."""

    authentication_classes = ()
    permission_classes = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 DRF's own
        """A calendar it is, whatever the program says it likes."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, token: str) -> HttpResponse:
        reader = reader_of(token)
        if reader is None:
            words = _("There is no calendar at this address.")
            return HttpResponse(words, status=404, content_type="text/plain; charset=utf-8")
        calendar = feed_of(reader, site=request.build_absolute_uri("/").rstrip("/"))
        # No Last-Modified: an interview that is gone leaves nothing that was changed last.
        tag = f'"{hashlib.sha256(calendar).hexdigest()}"'
        answer = HttpResponse(calendar, content_type="text/calendar; charset=utf-8")
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        answer["Content-Disposition"] = 'inline; filename="interviews.ics"'
        found = get_conditional_response(request._request, etag=tag, response=answer)
        return found or answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """One's own address, to copy; a button makes another one, one closes it."""
    user = person(request)
    if request.method == "POST":
        if request.POST.get("do") == "close":
            calendar_close(user=user)
            messages.success(request, _("Closed. Nobody reads your calendar any more."))
        else:
            calendar_renew(user=user)
            messages.success(request, _("Here is your address. An older one does not work now."))
        return redirect("my_calendar")
    feed = CalendarFeed.objects.filter(user=user).first()
    address = reverse("calendar_feed", args=[feed.token]) if feed else ""
    context = {"feed": feed, "address": request.build_absolute_uri(address) if feed else ""}
    return render(request, "interview/calendar.html", context)
