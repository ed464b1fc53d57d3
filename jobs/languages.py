"""The language a browser is answered in, as its visitor chose it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse


def remember_in_browser(response: HttpResponse, language: str) -> None:
    """Set the cookie that Django's own language switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
