"""Page on which people see where they are signed in, and end sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from interview.views.request_helpers import signed_in_user
from monitoring.http.filters import LARGEST_ID
from project.accounts.sign_ins import sign_ins_end
from realtime.models import SignIn


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the person's active sign-ins; POST ends one of them, or all but this one."""
    if request.method == "POST":
        return _end(request)
    active = SignIn.objects.filter(user=signed_in_user(request)).active()
    context = {"sign_ins": active, "current": request.session.session_key}
    return render(request, "accounts/sign_ins.html", context)


def _end(request: HttpRequest) -> HttpResponse:
    user, current = signed_in_user(request), request.session.session_key
    chosen = request.POST.get("sign_in", "")
    if request.POST.get("do") == "end_others":
        sign_ins_end(user=user, keep=current)
        messages.success(request, _("You are signed out on all other devices."))
    elif (
        chosen.isdecimal()
        and len(chosen) < len(str(LARGEST_ID))
        and sign_ins_end(user=user, keep=current, only=int(chosen))
    ):
        messages.success(request, _("That device is signed out."))
    return redirect("sign_ins")
