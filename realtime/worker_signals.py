"""Adapters: a worker's own heartbeat is a sign of life, and its end is told."""

from __future__ import annotations

from typing import Any

from celery.signals import heartbeat_sent, worker_shutdown

from realtime.heartbeats import Pulse, leave_database
from realtime.scheduling.models import Heartbeat

_pulse = Pulse(Heartbeat.Process.WORKER)


def connect() -> None:
    heartbeat_sent.connect(_beats, dispatch_uid="heartbeats.worker", weak=False)
    worker_shutdown.connect(_ends, dispatch_uid="heartbeats.worker_ends", weak=False)


def _beats(**kwargs: Any) -> None:
    if _pulse.is_due():
        _pulse.beat()
        leave_database()


def _ends(**kwargs: Any) -> None:
    _pulse.stop()
