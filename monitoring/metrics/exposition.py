"""The metrics port of processes that serve no pages: relay, worker and beat."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from prometheus_client import REGISTRY, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from monitoring.metrics.scrape_access import challenge, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    timeout = 10  # seconds until an idle client is disconnected

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing: there is a scrape every few seconds."""


def serve(registry: Collector = REGISTRY) -> None:
    """Serves the registry on METRICS_HOST:METRICS_PORT from a thread; does nothing without a port.

    If the port is taken, logs a warning and continues: running unmonitored is better than not at
    all.
    """
    host, port = settings.METRICS_HOST, settings.METRICS_PORT
    if port is None:
        return
    application = _guarded(make_wsgi_app(registry))
    try:
        server = make_server(host, port, application, ThreadingWSGIServer, _Handler)
    except OSError as error:
        refused = {"action": "metrics_not_served", "port": port}
        logger.warning("No metrics on port %s: %s", port, error.strerror, extra=refused)
        return
    # Otherwise a child that is forked later would keep the port open after its parent has ended.
    os.register_at_fork(after_in_child=server.socket.close)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    served = {"action": "metrics_served", "port": server.server_port}
    logger.info("Metrics on http://%s:%s/metrics", host, server.server_port, extra=served)


def _guarded(application: WSGIApplication) -> WSGIApplication:
    """The application with the access rules of /metrics on the web port."""

    def respond(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        refused = refusal(environ)
        if refused is None:
            return application(environ, start)
        start(f"{refused.value} {refused.phrase}", list(challenge(refused).items()))
        return []

    return respond
