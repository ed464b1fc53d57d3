"""One's own tokens for the API: made and shown once, looked over, revoked."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from interview.views.request_helpers import person
from monitoring.http.filters import LARGEST_ID
from realtime.http.tokens import api_token_create, api_token_revoke
from realtime.models import ApiToken

SENT = "token_forms_sent"
FORMS_KEPT = 20
FORM_LETTERS = 16


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The list; a new key is in the answer to the request that made it, and nowhere else."""
    if request.method != "POST":
        return _show(request)
    if request.POST.get("do") == "revoke":
        return _revoke(request)
    return _create(request)


@sensitive_variables("key")
def _create(request: HttpRequest) -> HttpResponse:
    """A form makes one token: who reloads the answer sends it again, and is told so."""
    form, sent = request.POST.get("form", "")[:FORM_LETTERS], request.session.get(SENT, [])
    if form and form in sent:
        messages.warning(request, _("This token was made already. It cannot be shown again."))
        return redirect("api_tokens")
    try:
        key = api_token_create(user=person(request), name=request.POST.get("name", ""))
    except ValidationError as refusal:
        return _show(request, refusals=refusal.message_dict.get("name", []), status=400)
    if form:
        request.session[SENT] = [*sent, form][-FORMS_KEPT:]
    return _show(request, key=key)


def _revoke(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("token", "")
    is_id = asked.isdecimal() and len(asked) < len(str(LARGEST_ID))
    if is_id and api_token_revoke(user=person(request), token_id=int(asked)):
        messages.success(request, _("Revoked. Nothing gets in with it any more."))
    return redirect("api_tokens")


def _show(
    request: HttpRequest, *, key: str = "", refusals: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "tokens": ApiToken.objects.filter(user=person(request)),
        "key": key,
        "refusals": refusals,
        "form": secrets.token_hex(FORM_LETTERS // 2),
        "name": request.POST.get("name", "") if refusals else "",
    }
    return render(request, "personal/tokens.html", context, status=status)
