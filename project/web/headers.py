"""Security headers that neither Django nor django-csp has a setting for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# Browser features that no page uses, denied so that an injected script cannot use them either.
UNUSED_FEATURES = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    "Cross-Origin-Resource-Policy": "same-origin",
}
API_CONTENT = ("application/json", "application/problem+json")
# A browser that is led to an API address saves the answer instead of showing it as a page.
API_DISPOSITION = 'attachment; filename="api.json"'
SCRIPT = "empty"  # Sec-Fetch-Dest of a request that a script made; browsers let no page forge it


# Addresses whose answers show personal data to the holder of a token.
PRIVATE_PREFIXES = ("/api/", "/my-application/", "/calendar/")
NEVER_STORED = "no-store, private"


def may_be_personal(request: Any) -> bool:
    """Returns whether the answer may show personal data.

    True with a session or a token: every page of a signed-in user names at least the user.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session or request.path_info.startswith(PRIVATE_PREFIXES)


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Adds HEADERS to every response, unless the view has set its own value.

    Answers that may show personal data are not stored, neither by proxies nor on the disk of a
    shared computer. Static files and public pages have their own rules.
    """

    def add_headers(request: Any, response: HttpResponseBase) -> HttpResponseBase:
        if may_be_personal(request) or settings.SESSION_COOKIE_NAME in response.cookies:
            response.headers.setdefault("Cache-Control", NEVER_STORED)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        is_json = response.headers.get("Content-Type", "").startswith(API_CONTENT)
        if is_json and request.headers.get("Sec-Fetch-Dest") != SCRIPT:
            response.headers.setdefault("Content-Disposition", API_DISPOSITION)
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            return add_headers(request, await get_response(request))

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        return add_headers(request, get_response(request))

    return synchronous_middleware
