"""Probes and scrapers find each process by its address, of which ALLOWED_HOSTS knows nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# What answers there makes no use of the name that it was asked by.
INTERNAL_PATHS = re.compile(r"/(healthz|readyz|metrics|metrics/site|alerts/.*)$")


@sync_and_async_middleware
def internal_hosts_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Takes whoever asks for these by any name for one who asks by ours."""

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
