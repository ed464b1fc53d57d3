"""What the outside may ask about this process: is it alive, is it ready, what has it counted."""

from collections.abc import Callable
from functools import wraps
from threading import Lock

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from monitoring.health import checks
from monitoring.metrics.db_gauges import DB_GAUGES
from monitoring.metrics.metrics import SITE_READ_SECONDS
from monitoring.metrics.scrape_access import challenge, refusal

_reading_site = Lock()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive: it asks nothing of anyone else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """One finding per check; 503 when one of them failed."""
    answer = checks.as_json(checks.findings())
    return JsonResponse(answer, status=200 if answer["ready"] else 503)


def for_scrapers(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """For the bearer of METRICS_TOKEN; without one, for this machine alone."""

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
    """What this process has counted, as Prometheus' text."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@require_safe
@never_cache
@for_scrapers
def site_metrics(request: HttpRequest) -> HttpResponse:
    """What the whole site stands at. A site that is slow to say so is not asked twice at once."""
    if not _reading_site.acquire(blocking=False):
        return HttpResponse(status=503)
    try:
        with SITE_READ_SECONDS.time():
            return HttpResponse(generate_latest(DB_GAUGES), content_type=CONTENT_TYPE_LATEST)
    finally:
        _reading_site.release()
