"""The language a person chose: stored with their account, and as a cookie in their browser."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse

from jobs.models import PersonalSettings


@transaction.atomic
def language_choose(*, user: User, language: str) -> None:
    """Stores one of LANGUAGES as this person's language, for every browser they sign in from.

    Raises ValidationError on `language`.
    """
    chosen, _is_new = PersonalSettings.objects.get_or_create(user=user)
    chosen.language = language
    chosen.full_clean()
    chosen.save()


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Sets the cookie that Django's own language switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
