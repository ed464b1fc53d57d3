"""Endpoints for probes and Prometheus: /healthz, /readyz, /metrics and /metrics/site."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from time import monotonic

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.exposition import choose_encoder

from monitoring.health import checks
from monitoring.metrics.db_gauges import DB_GAUGES
from monitoring.metrics.metrics import SITE_READ_SECONDS
from monitoring.metrics.scrape_access import challenge, refusal

_site_lock = Lock()
_site_reading: tuple[float, bytes] | None = None  # when the last reading ended, and its text


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process runs. Uses no other service."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The findings of all checks as JSON; 503 if a check failed that is not advisory."""
    result = checks.as_json(checks.findings())
    return JsonResponse(result, status=200 if result["ready"] else 503)


def for_scrapers(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Decorator: requires METRICS_TOKEN; if none is configured, allows only this machine."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        refused = refusal(request.META)
        if refused is None:
            return view(request)
        return HttpResponse(status=refused, headers=challenge(refused))

    return guarded


@require_safe
@never_cache
@for_scrapers
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics of this process, with exemplars if the client accepts OpenMetrics."""
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(REGISTRY), content_type=content_type)


@require_safe
@never_cache
@for_scrapers
def site_metrics(request: HttpRequest) -> HttpResponse:
    """The gauges of the whole site. Scrapers that ask while they are read share the reading."""
    global _site_reading
    asked_at = monotonic()
    with _site_lock:
        if _site_reading is None or _site_reading[0] < asked_at:
            with SITE_READ_SECONDS.time():
                text = generate_latest(DB_GAUGES)
            _site_reading = (monotonic(), text)
        return HttpResponse(_site_reading[1], content_type=CONTENT_TYPE_LATEST)
