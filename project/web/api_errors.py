"""The manners of the API: refusals as problem details (RFC 9457)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from interview.bulk.plans import StalePlan
from interview.bulk.presenters import plan_row
from interview.live.rows import coordinators_room_rows, current_row
from interview.services import StaleRoom
from interview.services import StaleVersion as StaleInterview
from jobs.api.serializers import application_row
from jobs.applications.services import StaleVersion as StaleApplication
from realtime.http.parsers import BodyTooLarge
from realtime.http.throttles import anonymous_wait_seconds

PROBLEM_TYPE = "application/problem+json"
NO_FIELD = "non_field_errors"


class Conflict(exceptions.APIException):
    """What is to be changed has changed since it was read; `current` is how it stands now."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__({"version": [_("Somebody has changed this meanwhile.")]})
        self.current = current


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Any refusal as problem details; None for what is our own fault."""
    refusal = refusal_of(error)
    if refusal is None:
        return None
    if isinstance(refusal, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        wait = anonymous_wait_seconds(context["request"])
        refusal = exceptions.Throttled(wait) if wait else refusal
    return Response(
        problem_of(refusal),
        status=refusal.status_code,
        headers=headers_of(refusal),
        content_type=PROBLEM_TYPE,
    )


def refusal_of(error: Exception) -> exceptions.APIException | None:
    """What the apps raise, in the API's own terms."""
    match error:
        case exceptions.APIException():
            return error
        case Http404() | django.ObjectDoesNotExist():
            return exceptions.NotFound()
        case django.PermissionDenied():
            return exceptions.PermissionDenied()
        case django.ValidationError():
            return exceptions.ValidationError(reasons_by_field(error))
        case django.RequestDataTooBig():
            return BodyTooLarge()
        case django.SuspiciousOperation():
            return exceptions.ParseError()
    return conflict_of(error)


def conflict_of(error: Exception) -> Conflict | None:
    match error:
        case StaleInterview():
            return Conflict(current_row(error.interview))
        case StaleRoom():
            return Conflict(coordinators_room_rows([error.room])[0])
        case StalePlan():
            return Conflict(plan_row(error.plan))
        case StaleApplication():
            return Conflict(application_row(error.application))
    return None


def problem_of(refusal: exceptions.APIException) -> dict[str, Any]:
    errors = errors_of(refusal.detail)
    reasons = [reason for found in errors.values() for reason in found]
    status = HTTPStatus(refusal.status_code)
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": " ".join(dict.fromkeys(reasons)) or str(refusal.detail),
        "errors": errors,
    }
    return problem | {"current": refusal.current} if isinstance(refusal, Conflict) else problem


def headers_of(refusal: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(refusal, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(refusal, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def errors_of(detail: Any) -> dict[str, list[str]]:
    """Reasons by field; what is wrong deep within a field is told at that field."""
    if isinstance(detail, Mapping):
        return {str(field): list(_texts(reasons)) for field, reasons in detail.items()}
    if isinstance(detail, list):
        return {NO_FIELD: list(_texts(detail))}
    return {}


def _texts(reasons: Any) -> Iterator[str]:
    if isinstance(reasons, Mapping):
        reasons = list(reasons.values())
    if isinstance(reasons, list):
        for reason in reasons:
            yield from _texts(reason)
    else:
        yield str(reasons)


def reasons_by_field(error: django.ValidationError) -> dict[str, list[str]]:
    """What a model or service refuses. What must be unique together is told at the last field."""
    if not hasattr(error, "error_dict"):
        return {NO_FIELD: error.messages}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for field, errors in error.error_dict.items():
        for one in errors:
            together = (one.params or {}).get("unique_check", [NO_FIELD])
            name = together[-1] if field == django.NON_FIELD_ERRORS else field
            found[name].extend(one.messages)
    return dict(found)
