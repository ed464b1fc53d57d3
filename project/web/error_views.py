"""What is said when a request fails outside of views: a page to people, a problem to programs."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import APIException, ParseError

from project.web.api_errors import PROBLEM_TYPE, problem_of
from realtime.http.parsers import BodyTooLarge

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A host that is not ours, or more parts or bytes than a form may have."""
    is_too_large = isinstance(exception, RequestDataTooBig)
    if request.path_info.startswith(API):
        unclear = ParseError(_("This request cannot be understood."))
        return _problem(BodyTooLarge() if is_too_large else unclear)
    if is_too_large:
        return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Something broke on our side; it has been logged by now."""
    if request.path_info.startswith(API):
        return _problem(APIException(_("Something broke on our side. It has been reported.")))
    return defaults.server_error(request)


def _problem(refusal: APIException) -> JsonResponse:
    return JsonResponse(problem_of(refusal), status=refusal.status_code, content_type=PROBLEM_TYPE)
