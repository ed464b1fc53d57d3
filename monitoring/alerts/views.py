"""Where Alertmanager posts. Nobody else may, and nothing is taken on trust."""

from __future__ import annotations

import hmac
import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from monitoring.alerts import message, sender
from monitoring.alerts.payload import Group

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000  # bytes; Alertmanager itself sends 50 alerts of a thousand


@csrf_exempt  # it is not a browser that posts, and it bears a token
@require_POST
@never_cache
def receive_alerts(request: HttpRequest) -> HttpResponse:
    """204: the group was told. 503: try again. 400: names the field that is wrong."""
    if not _bears_token(request):
        return _refused(HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}))
    body = _body(request)
    if body is None:
        return _refused(HttpResponse(status=413))
    try:
        group = Group.model_validate_json(body)
    except ValidationError as error:
        return _refused(JsonResponse(_first(error), status=400))
    try:
        with translation.override(settings.LANGUAGE_CODE):
            sender.send(message.render_message(group))
    except sender.NotSent as error:
        details = {"action": "alert_not_sent", "reason": str(error)}
        logger.warning("An alert did not reach its group (%s)", error, extra=details)
        return JsonResponse({"reason": str(error)}, status=503)
    return HttpResponse(status=204)


def _refused(answer: HttpResponse) -> HttpResponse:
    """Alertmanager does not try again after it, so it is not to pass unnoticed."""
    details = {"action": "alert_refused", "status_code": answer.status_code}
    logger.error("What Alertmanager posted was refused", extra=details)
    return answer


def _bears_token(request: HttpRequest) -> bool:
    """Without a token set nobody may."""
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.ALERTS_TOKEN}"
    return bool(settings.ALERTS_TOKEN) and hmac.compare_digest(given.encode(), wanted.encode())


def _body(request: HttpRequest) -> bytes | None:
    """None if it is too long."""
    try:
        return request.body if len(request.body) <= MAX_BODY_BYTES else None
    except RequestDataTooBig:
        return None


def _first(error: ValidationError) -> dict[str, str]:
    """The first fault: which field, and why."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return {"field": field, "reason": first["msg"]}
