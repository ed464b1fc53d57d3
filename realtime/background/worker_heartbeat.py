"""Connects Celery's worker events to the heartbeat table and the heartbeat file."""

from __future__ import annotations

from typing import Any

from celery import bootsteps, current_app
from celery.signals import heartbeat_sent

from monitoring.health import heartbeat_file
from realtime.background.heartbeats import HeartbeatWriter, close_connections
from realtime.models import Heartbeat

_heartbeat = HeartbeatWriter(Heartbeat.Process.WORKER)


def connect() -> None:
    heartbeat_sent.connect(_on_heartbeat, dispatch_uid="heartbeats.worker", weak=False)
    current_app.steps["worker"].add(ShutdownStep)


def _on_heartbeat(**kwargs: Any) -> None:
    heartbeat_file.touch()
    if _heartbeat.is_due():
        _heartbeat.beat()
        close_connections()


class ShutdownStep(bootsteps.StartStopStep):
    """Deletes the heartbeats when the worker stops.

    A boot step, because Celery does not send `worker_shutdown` when the worker hands unfinished
    tasks back to the queue.
    """

    def stop(self, parent: Any) -> None:
        heartbeat_file.remove()
        _heartbeat.stop()

    def terminate(self, parent: Any) -> None:
        self.stop(parent)
