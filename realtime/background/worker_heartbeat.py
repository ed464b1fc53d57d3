"""Adapters: a worker's own heartbeat is a sign of life, and its end is told."""

from __future__ import annotations

from typing import Any

from celery import bootsteps, current_app
from celery.signals import heartbeat_sent

from realtime.background.heartbeats import Pulse, leave_database
from realtime.background.periodic.models import Heartbeat

_pulse = Pulse(Heartbeat.Process.WORKER)


def connect() -> None:
    heartbeat_sent.connect(_beats, dispatch_uid="heartbeats.worker", weak=False)
    current_app.steps["worker"].add(Farewell)


def _beats(**kwargs: Any) -> None:
    if _pulse.is_due():
        _pulse.beat()
        leave_database()


class Farewell(bootsteps.StartStopStep):
    """Its end. The signal for that is not sent by a worker that gives long work back."""

    def stop(self, parent: Any) -> None:
        _pulse.stop()

    def terminate(self, parent: Any) -> None:
        self.stop(parent)
