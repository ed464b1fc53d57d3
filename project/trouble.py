"""What is said when a request fails outside of views: a page to people, a problem to programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import APIException, ParseError

from project.api import PROBLEM_TYPE, problem_of

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A host that is not ours, or more parts than a form may have."""
    if request.path_info.startswith(API):
        return _problem(ParseError(_("This request cannot be understood.")))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Something broke on our side; it has been logged by now."""
    if request.path_info.startswith(API):
        return _problem(APIException(_("Something broke on our side. It has been reported.")))
    return defaults.server_error(request)


def _problem(refusal: APIException) -> JsonResponse:
    return JsonResponse(problem_of(refusal), status=refusal.status_code, content_type=PROBLEM_TYPE)
