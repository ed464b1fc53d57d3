"""The page that confirms the e-mail address of an application.

Opening it changes nothing, because mail programs open links to check them; its button confirms.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from interview.candidate_portal.privacy import private_address
from jobs.applications.confirm import application_confirm, pending_for_token
from jobs.applications.links import link_of
from jobs.models import PendingApplication
from realtime.http.rate_limits import is_post, rate_limited


# Exempt for the same reason as the candidate's page: the secret address protects the form.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("apply", when=is_post)
@private_address
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what was entered; POST confirms it and redirects to the candidate's page."""
    pending = pending_for_token(token)
    if pending is None:
        raise Http404
    if request.method == "POST":
        try:
            application = application_confirm(pending=pending)
        except PendingApplication.DoesNotExist:
            raise Http404 from None
        link = link_of(application) if application else None
        if link is not None:
            return redirect(reverse("my_application", args=[link.token]))
        pending.refresh_from_db()
    return render(request, "interview/confirm_application.html", {"pending": pending})
