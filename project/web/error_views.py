"""Responses to errors outside of views: an HTML page, or a problem document below /api/."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import APIException, ParseError

from project.web.api_errors import API_PREFIX, PROBLEM_TYPE, problem_document
from realtime.http.parsers import BodyTooLarge


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an unknown Host header, or a form with too many fields or bytes (`handler400`)."""
    if isinstance(exception, RequestDataTooBig):
        return body_too_large(request)
    if request.path_info.startswith(API_PREFIX):
        return _problem(ParseError(_("This request is malformed.")))
    return defaults.bad_request(request, exception)


def body_too_large(request: HttpRequest) -> HttpResponse:
    """Answer a request whose body is too large."""
    if request.path_info.startswith(API_PREFIX):
        return _problem(BodyTooLarge())
    return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an unhandled exception, which has been logged and reported (`handler500`)."""
    if request.path_info.startswith(API_PREFIX):
        return _problem(APIException(_("Something went wrong on our side. We have been notified.")))
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid CSRF token. Leaves out the reason, which helps attackers."""
    return render(request, "403_csrf.html", status=403)


def _problem(error: APIException) -> JsonResponse:
    return JsonResponse(
        problem_document(error), status=error.status_code, content_type=PROBLEM_TYPE
    )
