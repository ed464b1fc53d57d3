"""Views that belong to no app: the way home, signing in, the language, a refused form."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import i18n
from django.views.decorators.http import require_POST

from jobs.languages import language_choose, set_language_cookie
from jobs.models import PersonalSettings
from project.web.navigation import home_of
from realtime.http.rate_limits import is_post, rate_limited


def home(request: HttpRequest) -> HttpResponse:
    """To the page of one's role."""
    return redirect(home_of(request.user))


@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class SignIn(LoginView):
    """Sign in, and be spoken to in the language chosen before, on whichever machine."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen = PersonalSettings.objects.filter(user=form.get_user()).first()
        if chosen:
            set_language_cookie(response, chosen.language)
        return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language, and keep the choice with the person who made it."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        language_choose(user=request.user, language=language)
    return i18n.set_language(request)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not of this visit; say so without the reason, which helps only attackers."""
    return render(request, "403_csrf.html", status=403)
