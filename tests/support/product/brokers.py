"""Changes the broker that this process sends to, for the length of a context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery, current_app
from kombu import pools

from project.celery_broker import celery_url, transport_options
from realtime.background import dispatch
from realtime.circuit_breaker import CircuitBreaker


@contextmanager
def sending_to(url: str) -> Iterator[None]:
    """Sends messages to the broker at this address within the context."""
    app = current_app._get_current_object()
    before = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    _use(app, broker_url=celery_url(url), broker_transport_options=transport_options(url))
    try:
        yield
    finally:
        _use(app, **before)


def _use(app: Celery, **settings: object) -> None:
    app.conf.update(settings)
    pools.reset()
    app._pool = app.amqp._producer_pool = None
    dispatch._breaker = CircuitBreaker(dispatch.BROKER_RETRY_SECONDS)
