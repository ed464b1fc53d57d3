"""The sign-in page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
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
    """Signs a person in and switches this browser to the language they have chosen before.

    Leads to the page of the password if it is easy to guess, such as one of a leaked list.
    """

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen = PersonalSettings.objects.filter(user=form.get_user()).first()
        if chosen:
            set_language_cookie(response, chosen.language)
        if is_easily_guessed(form.cleaned_data["password"], form.get_user()):
            messages.warning(self.request, gettext("Your password is easy to guess. Change it."))
            response["Location"] = reverse("change_password")
        return response


def is_easily_guessed(password: str, user: User) -> bool:
    """Whether this password would be refused today: it was set before the rules were as strict."""
    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False
