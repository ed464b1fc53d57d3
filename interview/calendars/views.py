"""The calendar feed that programs fetch, and the page where people manage its address."""

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

from interview.calendars.feed import owner_of, render_feed
from interview.models import CalendarFeed
from interview.services import calendar_close, calendar_renew
from interview.views.request_helpers import signed_in_user


@extend_schema(exclude=True)
class FeedView(APIView):
    """The calendar feed of a token, without sign-in.

    An API view so that the throttle for anonymous requests limits guessing of tokens.
    """

    authentication_classes = ()
    permission_classes = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 DRF's own
        """Ignores the Accept header: the response is always text/calendar."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, token: str) -> HttpResponse:
        owner = owner_of(token)
        if owner is None:
            text = _("There is no calendar at this address.")
            return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
        calendar = render_feed(owner, site=request.build_absolute_uri("/").rstrip("/"))
        # No Last-Modified header: it would not change when an interview is removed.
        tag = f'"{hashlib.sha256(calendar).hexdigest()}"'
        answer = HttpResponse(calendar, content_type="text/calendar; charset=utf-8")
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        answer["Content-Disposition"] = 'inline; filename="interviews.ics"'
        # DRF has no public access to Django's request, which this function needs for its headers.
        found = get_conditional_response(request._request, etag=tag, response=answer)
        return found or answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Shows the user's feed address. POST renews it, or revokes it with `do=close`."""
    user = signed_in_user(request)
    if request.method == "POST":
        if request.POST.get("do") == "close":
            calendar_close(user=user)
            messages.success(
                request, _("Calendar address revoked. Nobody can read your calendar any more.")
            )
        else:
            calendar_renew(user=user)
            messages.success(
                request, _("This is your new address. Any older address no longer works.")
            )
        return redirect("my_calendar")
    feed = CalendarFeed.objects.filter(user=user).first()
    address = reverse("calendar_feed", args=[feed.token]) if feed else ""
    context = {"feed": feed, "address": request.build_absolute_uri(address) if feed else ""}
    return render(request, "interview/calendar.html", context)
