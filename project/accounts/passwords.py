"""Pages that set a password: one's own, and a lost one by a link that an e-mail brings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import (
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from interview.notifications.email.account_notices import reset_link_send
from project.accounts.lockout import shows_lockout, unlock
from project.accounts.password_forms import NewPasswordForm, OwnPasswordForm
from realtime.http.rate_limits import is_post, rate_limited, seconds_to_wait
from realtime.http.reauthentication import password_prompt

METHODS = ["GET", "HEAD", "POST"]


class RefusesWith400:
    """A mixin of form views: status 400, so that programs see the failure too."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(  # type: ignore[attr-defined,no-any-return]
            self.get_context_data(form=form),  # type: ignore[attr-defined]
            status=400,
        )


@method_decorator(shows_lockout, name="dispatch")
@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class ChangePasswordView(RefusesWith400, PasswordChangeView):
    """Asks for the old password; a change ends the person's other sessions and all sockets."""

    form_class = OwnPasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("personal_settings")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        form.end_access(keep=self.request.session.session_key)
        messages.success(
            self.request, gettext("Password changed. You are signed out on all other devices.")
        )
        return response


class LostPasswordForm(PasswordResetForm):
    """Sends the link through the outbox, so that no answer waits for the mail server."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        for user in self.get_users(self.cleaned_data["email"]):
            if not seconds_to_wait(f"account:{user.pk}", "password_reset"):
                reset_link_send(user)


@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class LostPasswordView(RefusesWith400, PasswordResetView):
    """Asks for the e-mail address. Does not tell whether an account has it."""

    form_class = LostPasswordForm
    template_name = "registration/lost_password.html"
    success_url = reverse_lazy("password_reset_done")


@method_decorator(require_http_methods(METHODS), name="dispatch")  # Django's accepts any
@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class NewPasswordView(RefusesWith400, PasswordResetConfirmView):
    """Sets a new password by the link of the e-mail. Ends all sessions and sockets."""

    form_class = NewPasswordForm
    template_name = "registration/new_password.html"
    success_url = reverse_lazy("login")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        form.end_access()
        unlock(self.request, form.user)
        messages.success(self.request, gettext("Password changed. You can sign in with it now."))
        return response


@never_cache
@login_required
@require_http_methods(METHODS)
def confirm(request: HttpRequest) -> HttpResponse:
    """Asks for the password, then goes to the `next` address on this site, or the start page."""
    if prompt := password_prompt(request):
        return prompt
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if is_ours else resolve_url("home"))
