"""Lets probes, scrapers and Alertmanager reach a process by its IP address.

ALLOWED_HOSTS does not contain these addresses, so Django would reject such requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# The views at these paths do not use the host name of the request.
INTERNAL_PATHS = re.compile(r"/(healthz|readyz|metrics|metrics/site|alerts/.*)$")


@sync_and_async_middleware
def internal_hosts_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Replaces the Host header of requests for INTERNAL_PATHS by the first allowed host."""

    def rename(request: Any) -> None:
        if INTERNAL_PATHS.match(request.path_info) and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")

    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> HttpResponseBase:
            rename(request)
            response: HttpResponseBase = await get_response(request)
            return response

        return middleware

    def synchronous_middleware(request: Any) -> HttpResponseBase:
        rename(request)
        response: HttpResponseBase = get_response(request)
        return response

    return synchronous_middleware
