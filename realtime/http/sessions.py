"""Pages of ours ask the API with the session of their reader."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class CsrfSessionAuthentication(SessionAuthentication):
    """The session, of a page that proves with each change that it is one of ours."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:  # its reason is English, and helps only attackers
            raise PermissionDenied(
                _("The header X-CSRFToken is missing, or not of this visit. Reload the page.")
            ) from None
