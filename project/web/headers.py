"""What every answer tells the browser besides what Django and the content policy tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# What none of our pages asks for, so that no script that gets in may ask for it either.
NOT_USED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_USED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Adds HEADERS, unless a view has said otherwise for itself."""

    def tell(response: HttpResponseBase) -> HttpResponseBase:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            return tell(await get_response(request))

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        return tell(get_response(request))

    return synchronous_middleware
