"""The root page, which redirects, and the language switch of the page header."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views import i18n
from django.views.decorators.http import require_POST

from jobs.languages import language_choose
from project.web.navigation import home_page_name


def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the start page of the person's role."""
    return redirect(home_page_name(request.user))


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of this browser, and save it for a signed-in person."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        language_choose(user=request.user, language=language)
    return i18n.set_language(request)
