"""The sign-in page."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from jobs.languages import set_language_cookie
from jobs.models import PersonalSettings
from project.accounts.lockout import shows_lockout
from realtime.http.rate_limits import is_post, rate_limited


class SignInForm(AuthenticationForm):
    """Does not tell which of the two is wrong."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "The user name or password is not correct. Passwords are case-sensitive."
        ),
    }


@method_decorator(shows_lockout, name="dispatch")
@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class SignInView(LoginView):
    """Signs a person in and switches this browser to the language they have chosen before."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen = PersonalSettings.objects.filter(user=form.get_user()).first()
        if chosen:
            set_language_cookie(response, chosen.language)
        return response
