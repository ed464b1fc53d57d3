"""Session authentication of the API, for the scripts of our own pages."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class CsrfSessionAuthentication(SessionAuthentication):
    """Django's session; requests that change something must carry the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:  # DRF's reason is English and would only help attackers
            raise PermissionDenied(
                _("The X-CSRFToken header is missing or out of date. Reload the page.")
            ) from None
