"""The settings of a web process that counts nothing: what the counting costs is the difference."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, Summary

from monitoring.metrics.socket_metrics import ReceivedFrames, SentFrames, SocketMetrics
from project.settings import *  # noqa: F403  the product's own


def nothing(*arguments: Any, **said: Any) -> None:
    """Count nothing."""


def untimed(*arguments: Any, **said: Any) -> nullcontext[None]:
    return nullcontext()


COUNTING = (
    *((Counter, "inc"), (Gauge, "inc"), (Gauge, "dec"), (Gauge, "set")),
    *((Histogram, "observe"), (Summary, "observe")),
    *(
        (ReceivedFrames, "count"),
        (SentFrames, "count"),
        (SocketMetrics, "closed"),
        (SocketMetrics, "painted"),
    ),
)
TIMING = (
    *((Histogram, "time"), (Summary, "time")),
    *((Gauge, "track_inprogress"), (ReceivedFrames, "measure")),
)
for kind, name in COUNTING:
    setattr(kind, name, nothing)
for kind, name in TIMING:
    setattr(kind, name, untimed)
