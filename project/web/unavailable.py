"""A lost or blocked database becomes a page, or a problem document, with status 503."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.decorators import sync_and_async_middleware

from project.web.api_errors import (
    API_PREFIX,
    PROBLEM_TYPE,
    DatabaseBusy,
    DatabaseUnavailable,
    database_failure,
    problem_document,
)


@receiver(got_request_exception)
def note_outage(sender: Any, request: Any = None, **kwargs: Any) -> None:
    """Remember on the request why it fails: an outer middleware sees only the response."""
    if request is not None:
        request.database_failure = database_failure(sys.exception())


@sync_and_async_middleware
def unavailable_middleware(get_response: Callable[[Any], Any]) -> Callable[..., Any]:
    """Replaces the error 500 of a request without its database by an answer with status 503."""

    def replaced(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        failure = getattr(request, "database_failure", None)
        is_error = response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        return unavailable(request, failure) if failure and is_error else response

    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            return replaced(request, await get_response(request))

        return middleware

    def synchronous_middleware(request: HttpRequest) -> HttpResponseBase:
        return replaced(request, get_response(request))

    return synchronous_middleware


def unavailable(request: HttpRequest, failure: DatabaseUnavailable) -> HttpResponse:
    """Return the page, or the problem document below /api/. Asks no server for anything.

    Only a page that was read loads itself again: a form must not be sent twice by itself.
    """
    response: HttpResponse
    if request.path_info.startswith(API_PREFIX):
        document = problem_document(failure)
        response = JsonResponse(document, content_type=PROBLEM_TYPE)
    else:
        is_reading = request.method in {"GET", "HEAD"}
        texts = {
            "retry_seconds": failure.wait if is_reading else None,
            "is_busy": isinstance(failure, DatabaseBusy),
        }
        response = HttpResponse(render_to_string("503.html", texts))
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = str(failure.wait)
    response.headers["Cache-Control"] = "no-store"
    return response
