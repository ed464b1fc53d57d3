"""Page on which people create, list and revoke their own API tokens."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from interview.views.request_helpers import signed_in_user
from monitoring.http.filters import LARGEST_ID
from project.accounts.lockout import shows_lockout
from project.accounts.token_form import TokenForm
from realtime.http.rate_limits import rate_limited
from realtime.http.tokens import api_token_revoke
from realtime.models import ApiToken

SESSION_KEY = "token_forms_sent"
FORM_IDS_KEPT = 20
FORM_ID_LENGTH = 16


def is_creation(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("do") != "revoke"


@sensitive_post_parameters("password")
@never_cache
@login_required
@shows_lockout
@rate_limited("sign_in", when=is_creation)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the tokens, or create or revoke one. A new key is shown once, in this response only."""
    if request.method != "POST":
        return _show(request)
    if request.POST.get("do") == "revoke":
        return _revoke(request)
    return _create(request)


@sensitive_variables("key")
def _create(request: HttpRequest) -> HttpResponse:
    """Create a token. Each form has an id, so that reloading the response creates no second one."""
    form_id = request.POST.get("form", "")[:FORM_ID_LENGTH]
    sent = request.session.get(SESSION_KEY, [])
    if form_id and form_id in sent:
        messages.warning(
            request, _("This token has already been created. It cannot be shown again.")
        )
        return redirect("api_tokens")
    form = TokenForm(request, request.POST)
    key = form.save() if form.is_valid() else ""
    if not key:
        return _show(request, form=form, status=400)
    if form_id:
        request.session[SESSION_KEY] = [*sent, form_id][-FORM_IDS_KEPT:]
    return _show(request, key=key)


def _revoke(request: HttpRequest) -> HttpResponse:
    token_id = request.POST.get("token", "")
    is_id = token_id.isdecimal() and len(token_id) < len(str(LARGEST_ID))
    if is_id and api_token_revoke(user=signed_in_user(request), token_id=int(token_id)):
        messages.success(request, _("Token revoked. It no longer gives access."))
    return redirect("api_tokens")


def _show(
    request: HttpRequest, *, key: str = "", form: TokenForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "tokens": ApiToken.objects.filter(user=signed_in_user(request)),
        "key": key,
        "form": form or TokenForm(request),
        "form_id": secrets.token_hex(FORM_ID_LENGTH // 2),
    }
    return render(request, "accounts/tokens.html", context, status=status)
