"""The sign-in page."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.utils.decorators import method_decorator

from jobs.languages import set_language_cookie
from jobs.models import PersonalSettings
from project.accounts.lockout import shows_lockout
from realtime.http.rate_limits import is_post, rate_limited


@method_decorator(shows_lockout, name="dispatch")
@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class SignInView(LoginView):
    """Signs a person in and switches this browser to the language they have chosen before."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen = PersonalSettings.objects.filter(user=form.get_user()).first()
        if chosen:
            set_language_cookie(response, chosen.language)
        return response
