"""The webhook for Alertmanager, protected by ALERTS_TOKEN; it validates everything it receives."""

from __future__ import annotations

import hmac
import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from monitoring.alerts import sender, test_alert
from monitoring.alerts.destinations import NotSent
from monitoring.alerts.payload import Group

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000  # bytes; Alertmanager itself sends 50 alerts of a thousand


@csrf_exempt  # the client is not a browser and sends a token
@require_POST
@never_cache
def receive_alerts(request: HttpRequest) -> HttpResponse:
    """Forwards a group of alerts to the chat group.

    204: sent. 400: names the invalid field. 401: wrong token. 413: too large. 503: try again.
    """
    if not _bears_token(request):
        return _refused(HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}))
    body = _body(request)
    if body is None:
        return _refused(HttpResponse(status=413))
    try:
        group = Group.model_validate_json(body)
    except ValidationError as error:
        return _refused(JsonResponse(_first_error(error), status=400))
    try:
        sender.send("dingtalk", group)
    except NotSent as error:
        details = {"action": "alert_not_sent", "reason": str(error)}
        logger.warning("Could not forward an alert (%s)", error, extra=details)
        test_alert.record(group, error.text)
        return JsonResponse({"reason": str(error)}, status=503)
    test_alert.record(group, test_alert.SENT)
    return HttpResponse(status=204)


def _refused(response: HttpResponse) -> HttpResponse:
    """Logs an error, because Alertmanager does not repeat a rejected request."""
    details = {"action": "alert_refused", "status_code": response.status_code}
    logger.error("Rejected a request from Alertmanager", extra=details)
    return response


def _bears_token(request: HttpRequest) -> bool:
    """Whether the request has the right token; False for all requests if none is configured."""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.ALERTS_TOKEN}"
    return bool(settings.ALERTS_TOKEN) and hmac.compare_digest(given.encode(), expected.encode())


def _body(request: HttpRequest) -> bytes | None:
    """The request body; None if it is larger than MAX_BODY_BYTES."""
    try:
        return request.body if len(request.body) <= MAX_BODY_BYTES else None
    except RequestDataTooBig:
        return None


def _first_error(error: ValidationError) -> dict[str, str]:
    """The field and the reason of the first error."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return {"field": field, "reason": first["msg"]}
