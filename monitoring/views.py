"""What the outside may ask about this process: is it alive, is it ready, what has it counted."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from monitoring import health


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive: it asks nothing of anyone else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """One finding per check; 503 when one of them failed."""
    answer = health.as_json(health.findings())
    return JsonResponse(answer, status=200 if answer["ready"] else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for the bearer of METRICS_TOKEN; without one, for this machine alone."""
    if settings.METRICS_TOKEN:
        if not _bears_token(request):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    elif not _comes_from_this_machine(request):
        return HttpResponse(status=403)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _bears_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def _comes_from_this_machine(request: HttpRequest) -> bool:
    """A forwarded request came through a proxy, wherever the proxy itself may run."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
