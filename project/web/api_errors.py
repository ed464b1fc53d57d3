"""API errors as problem details (RFC 9457). Django REST framework calls `problem_details`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from interview.bulk.plans import StalePlan
from interview.bulk.presenters import plan_row
from interview.live.rows import coordinators_room_rows, current_row
from interview.services import StaleRoom
from interview.services import StaleVersion as StaleInterview
from jobs.api.serializers import application_row
from jobs.applications.services import StaleVersion as StaleApplication
from monitoring.metrics.database import is_timeout
from project.database.outage import is_outage
from realtime.http.parsers import BodyTooLarge
from realtime.http.throttles import anonymous_wait_seconds

API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"
NO_FIELD = "non_field_errors"


class Conflict(exceptions.APIException):
    """The object has changed since the client read it (409). `current` is its state now."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__({"version": [_("This has been changed in the meantime.")]})
        self.current = current


class DatabaseUnavailable(exceptions.APIException):
    """The database does not respond (503). wait: seconds, for the header Retry-After."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "database_unavailable"
    default_detail = gettext_lazy(
        "The site cannot reach its database. Please try again in a moment."
    )
    wait = 5


class DatabaseBusy(DatabaseUnavailable):
    """A statement took too long, mostly because something else holds a lock (503)."""

    default_code = "database_busy"
    default_detail = gettext_lazy(
        "Something else is using the same records. Please try again in a moment."
    )
    wait = 10


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response to an exception; None for unexpected ones, which become a 500."""
    api_error = as_api_error(error)
    if api_error is None:
        return None
    # Failed authentication ends a request before its throttles run, so the anonymous limit is
    # applied here: guessing tokens is throttled too.
    if isinstance(api_error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        wait = anonymous_wait_seconds(context["request"])
        api_error = exceptions.Throttled(wait) if wait else api_error
    return Response(
        problem_document(api_error),
        status=api_error.status_code,
        headers=_headers(api_error),
        content_type=PROBLEM_TYPE,
    )


def as_api_error(error: Exception) -> exceptions.APIException | None:
    """Translate exceptions of Django and of our services to those of REST framework."""
    match error:
        case exceptions.APIException():
            return error
        case Http404() | django.ObjectDoesNotExist():
            return exceptions.NotFound()
        case django.PermissionDenied():
            return exceptions.PermissionDenied()
        case django.ValidationError():
            return exceptions.ValidationError(_messages_by_field(error))
        case django.RequestDataTooBig():
            return BodyTooLarge()
        case django.SuspiciousOperation():
            return exceptions.ParseError()
    return database_failure(error) or _as_conflict(error)


def database_failure(error: BaseException | None) -> DatabaseUnavailable | None:
    """Return how to answer an error that means that the database gave no answer."""
    if is_timeout(error):
        return DatabaseBusy()
    return DatabaseUnavailable() if is_outage(error) else None


def _as_conflict(error: Exception) -> Conflict | None:
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


def problem_document(error: exceptions.APIException) -> dict[str, Any]:
    """Return the JSON body. Its fields are described in `api_schema.PROBLEM_SCHEMA`."""
    errors = _errors_by_field(error.detail)
    messages = [message for of_field in errors.values() for message in of_field]
    status = HTTPStatus(error.status_code)
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": " ".join(dict.fromkeys(messages)) or str(error.detail),
        "errors": errors,
    }
    return problem | {"current": error.current} if isinstance(error, Conflict) else problem


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def _errors_by_field(detail: Any) -> dict[str, list[str]]:
    """Return messages by top-level field; errors nested in a field are listed at that field."""
    if isinstance(detail, Mapping):
        return {str(field): list(_flatten(messages)) for field, messages in detail.items()}
    if isinstance(detail, list):
        return {NO_FIELD: list(_flatten(detail))}
    return {}


def _flatten(messages: Any) -> Iterator[str]:
    if isinstance(messages, Mapping):
        messages = list(messages.values())
    if isinstance(messages, list):
        for message in messages:
            yield from _flatten(message)
    else:
        yield str(messages)


def _messages_by_field(error: django.ValidationError) -> dict[str, list[str]]:
    """Return the messages of a model or service by field.

    The error of a unique_together rule belongs to no field; it is listed at the last one of them.
    """
    if not hasattr(error, "error_dict"):
        return {NO_FIELD: error.messages}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for field, errors in error.error_dict.items():
        for one in errors:
            unique_together = (one.params or {}).get("unique_check", [NO_FIELD])
            name = unique_together[-1] if field == django.NON_FIELD_ERRORS else field
            found[name].extend(one.messages)
    return dict(found)
