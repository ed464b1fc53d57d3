"""Security headers that neither Django nor django-csp has a setting for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
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


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Adds HEADERS to every response, unless the view has set its own value."""

    def add_headers(response: HttpResponseBase) -> HttpResponseBase:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Type", "").startswith(API_CONTENT):
            response.headers.setdefault("Content-Disposition", API_DISPOSITION)
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            return add_headers(await get_response(request))

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        return add_headers(get_response(request))

    return synchronous_middleware
